import { chmod, chown, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { sqliteSessions } from '../../../../src/adapters/sessions/sqlite/index.ts';
import { SessionStoreError } from '../../../../src/ports/index.ts';
import { ownFolder } from '../folder.ts';
import { fullRecord, generationOf, write } from '../records.ts';

async function modesIn(folder: string): Promise<Record<string, string>> {
  const modes: Record<string, string> = {};
  for (const file of await readdir(folder)) {
    modes[file] = ((await stat(join(folder, file))).mode & 0o7777).toString(8);
  }
  return modes;
}

/** Opens the store, and tells how that went. */
async function opened(path: string, options?: { readonly sharedWithGroup: boolean }): Promise<string> {
  const store = sqliteSessions(path, options);
  const outcome = await store.read('bot', 'session').then(
    () => 'opened',
    (error: unknown) => {
      if (error instanceof SessionStoreError && error.permanent) return error.message;
      throw error;
    },
  );
  await store.close();
  return outcome;
}

const isRoot = process.getuid?.() === 0;

describe.skipIf(process.platform === 'win32')('the permissions of an SQLite file', () => {
  it("are its owner's alone, whatever the umask", async () => {
    // A worker thread cannot set it.
    if (isMainThread) {
      const umask = process.umask(0);
      onTestFinished(() => {
        process.umask(umask);
      });
    }
    const folder = await ownFolder();
    const store = sqliteSessions(join(folder, 'bot.db'));
    await write(store, 'bot', fullRecord(1));
    expect(await modesIn(folder)).toEqual({ 'bot.db': '600', 'bot.db-shm': '600', 'bot.db-wal': '600' });
    await store.close();
    expect(await modesIn(folder)).toEqual({ 'bot.db': '600' });
  });

  it.each([0o640, 0o604, 0o660, 0o610])('are refused with mode %o', async (mode) => {
    const path = join(await ownFolder(), 'bot.db');
    await writeFile(path, '');
    await chmod(path, mode);
    const digits = `0${mode.toString(8)}`;
    expect(await opened(path)).toMatch(
      new RegExp(
        `access to .*bot\\.db \\(mode ${digits}\\).*Run: chmod 600 .*bot\\.db\\. .*set \`sharedWithGroup\`\\.$`,
      ),
    );
    await chmod(path, 0o600);
    expect(await opened(path)).toBe('opened');
  });

  it.each(['wal', 'shm'])('are looked at on the files beside it, too: -%s', async (suffix) => {
    const path = join(await ownFolder(), 'bot.db');
    const store = sqliteSessions(path);
    onTestFinished(() => store.close());
    await write(store, 'bot', fullRecord(1));
    await chmod(`${path}-${suffix}`, 0o644);
    expect(await opened(path)).toContain(`bot.db-${suffix} (mode 0644)`);
  });

  it('are refused in a directory that every user can write to, unless it has the sticky bit', async () => {
    const folder = await ownFolder();
    await chmod(folder, 0o777);
    expect(await opened(join(folder, 'bot.db'))).toMatch(
      /Every user can write to .* \(mode 0777\).*Run: chmod o-w/,
    );
    expect(await readdir(folder)).toEqual([]);
    await chmod(folder, 0o1777);
    expect(await opened(join(folder, 'bot.db'))).toBe('opened');
  });

  it('are looked at behind a symbolic link', async () => {
    const folder = await ownFolder();
    const open = join(folder, 'open');
    await mkdir(open);
    await chmod(open, 0o777);
    await writeFile(join(open, 'real.db'), '', { mode: 0o600 });
    await symlink(join(open, 'real.db'), join(folder, 'bot.db'));
    expect(await opened(join(folder, 'bot.db'))).toMatch(/Every user can write to .*open/);
  });

  it('need a directory that is there', async () => {
    const path = join(await ownFolder(), 'missing', 'bot.db');
    expect(await opened(path)).toMatch(/missing for bot\.db cannot be reached \(ENOENT\).*mkdir -p -m 700/);
  });

  it('need a file', async () => {
    const folder = await ownFolder();
    await mkdir(join(folder, 'bot.db'), { mode: 0o700 });
    expect(await opened(join(folder, 'bot.db'))).toMatch(/bot\.db is not a file/);
  });

  it.each(['', ':memory:'])('need a path, and not %j', (path) => {
    expect(() => sqliteSessions(path)).toThrow(/path of a file.*memorySessions/);
  });

  it.skipIf(!isRoot)("may be the group's, when asked for (needs root, to have another group)", async () => {
    const folder = await ownFolder();
    await chown(folder, 0, 4242);
    await chmod(folder, 0o2775);
    const path = join(folder, 'bot.db');
    expect(await opened(path)).toMatch(/A group can write to .*\(mode 2775\).*chmod g-w.*`sharedWithGroup`/);
    const store = sqliteSessions(path, { sharedWithGroup: true });
    await write(store, 'bot', fullRecord(1));
    await store.close();
    await chmod(path, 0o660);
    const again = sqliteSessions(path, { sharedWithGroup: true });
    onTestFinished(() => again.close());
    expect(await generationOf(again, 'bot')).toBe(1);
    await chmod(path, 0o664);
    expect(await opened(path, { sharedWithGroup: true })).toMatch(/mode 0664.*bot\.db$/);
  });

  it.skipIf(!isRoot)("may not be those of another's group (needs root, to have another group)", async () => {
    const folder = await ownFolder();
    await chown(folder, 0, 4242);
    await chmod(folder, 0o755);
    expect(await opened(join(folder, 'bot.db'))).toBe('opened');
    await chmod(folder, 0o775);
    expect(await opened(join(folder, 'bot.db'))).toMatch(/A group can write/);
  });

  it.skipIf(!isRoot)(
    "may be those of the user's own group (needs root, whose group has the same number)",
    async () => {
      const folder = await ownFolder();
      await chmod(folder, 0o775);
      expect(await opened(join(folder, 'bot.db'))).toBe('opened');
      for (const id of ['geteuid', 'getegid'] as const) {
        const other = vi.spyOn(process, id).mockReturnValue(4242);
        onTestFinished(() => other.mockRestore());
        expect(await opened(join(folder, 'bot.db'))).toMatch(/A group can write/);
        other.mockRestore();
      }
    },
  );

  it('do not count on Windows, which has no such modes', async () => {
    const folder = await ownFolder();
    await chmod(folder, 0o777);
    const path = join(folder, 'bot.db');
    await writeFile(path, '');
    await chmod(path, 0o666);
    const { platform } = process;
    onTestFinished(() => {
      Object.defineProperty(process, 'platform', { value: platform });
    });
    Object.defineProperty(process, 'platform', { value: 'win32' });
    expect(await opened(path)).toBe('opened');
  });
});
