import { execFile } from 'node:child_process';
import { chmod, chown, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sqliteSessions } from '../../../src/adapters/sessions/sqlite/index.ts';
import type { SessionStore } from '../../../src/ports/index.ts';
import { describeBadRows } from './bad-rows.ts';
import { expectRefused } from './expect-refused.ts';
import { ownFolder } from './folder.ts';
import { fullRecord, plain, rotate, write } from './records.ts';
import { mountingRefused, smallDisk } from './tmpfs.ts';

const SQLITE = fileURLToPath(new URL('../../../src/adapters/sessions/sqlite/index.ts', import.meta.url));

function openStore(path: string): SessionStore {
  const store = sqliteSessions(path);
  onTestFinished(() => store.close());
  return store;
}

/** A store that was closed, with a session in its file. */
async function storedFile(folder: string): Promise<string> {
  const path = join(folder, 'bot.db');
  const store = sqliteSessions(path);
  await write(store, 'bot', fullRecord(1));
  await store.close();
  return path;
}

describeBadRows('SQLite', async () => {
  const path = join(await ownFolder(), 'bot.db');
  const raw = <T>(use: (database: DatabaseSync) => T): T => {
    const database = new DatabaseSync(path);
    try {
      return use(database);
    } finally {
      database.close();
    }
  };
  return {
    place: { kind: 'sqlite', path },
    bodyOf: async (name) =>
      raw((database) => database.prepare('SELECT body FROM sessions WHERE name = ?').get(name))?.[
        'body'
      ]?.toString(),
    setBody: async (name, body) => {
      raw((database) => database.prepare('UPDATE sessions SET body = ? WHERE name = ?').run(body, name));
    },
  };
});

describe('an SQLite file that cannot be used', () => {
  it('is refused and left as it is wherever it is cut off', async () => {
    const folder = await ownFolder();
    const whole = await readFile(await storedFile(folder));
    for (let length = whole.length - 1; length > 0; length -= 97) {
      const path = join(folder, `${length}.db`);
      await writeFile(path, whole.subarray(0, length), { mode: 0o600 });
      const store = sqliteSessions(path);
      await expectRefused(store, true, /is damaged, or is not an SQLite database.*backup/);
      await store.close();
      expect((await readFile(path)).equals(whole.subarray(0, length))).toBe(true);
    }
  });

  it('is refused and left as it is when a piece of it is empty', async () => {
    const folder = await ownFolder();
    const path = await storedFile(folder);
    const holed = (await readFile(path)).fill(0, 6_000);
    await writeFile(path, holed);
    const store = openStore(path);
    await expectRefused(store, true, /is damaged, or is not an SQLite database/);
    await store.close();
    expect((await readFile(path)).equals(holed)).toBe(true);
  });

  it('is refused and left as it is when it is something else', async () => {
    const path = join(await ownFolder(), 'bot.db');
    const text = 'sessions: []\n'.repeat(1_000);
    await writeFile(path, text, { mode: 0o600 });
    const store = openStore(path);
    await expectRefused(store, true, /bot\.db is damaged, or is not an SQLite database/);
    await store.close();
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('is refused when it is the database of another program', async () => {
    const path = join(await ownFolder(), 'crypto.db');
    await writeFile(path, '', { mode: 0o600 });
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE sessions (id TEXT)');
    database.close();
    const before = await readFile(path);
    const store = openStore(path);
    await expectRefused(store, true, /crypto\.db is the database of another program/);
    await store.close();
    expect(await readFile(path)).toEqual(before);
  });

  it('is refused when a newer version made it', async () => {
    const path = await storedFile(await ownFolder());
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 2');
    database.close();
    await expectRefused(openStore(path), true, /newer version.*schema 2.*knows 1.*Update/);
  });

  it('works once it can be used', async () => {
    const path = await storedFile(await ownFolder());
    await chmod(path, 0o644);
    const store = openStore(path);
    await expectRefused(store, true, /chmod 600/);
    await chmod(path, 0o600);
    expect(await rotate(store, 'bot')).toBe(2);
  });

  it('may be empty: then it is new', async () => {
    const path = await storedFile(await ownFolder());
    await truncate(path, 0);
    expect(await rotate(openStore(path), 'bot')).toBe(1);
  });

  it('is refused in a directory that cannot be written', async () => {
    const folder = await ownFolder();
    const path = await storedFile(folder);
    const before = await readFile(path);
    // Root can write everywhere, so there the store is used by nobody.
    if (process.getuid?.() === 0) for (const one of [path, folder]) await chown(one, NOBODY, NOBODY);
    await chmod(folder, 0o500);
    onTestFinished(() => chmod(folder, 0o700));
    const refused = {
      name: 'SessionStoreError',
      permanent: true,
      message: expect.stringMatching(/bot\.db cannot be written/),
    };
    expect(await errorsWithoutRoot(path)).toEqual([refused, refused]);
    expect(await readFile(path)).toEqual(before);
  });
});

const NOBODY = 65_534;

/** What comes of reading and of changing the store there, in a process that is not root's, even if this one is. */
async function errorsWithoutRoot(path: string): Promise<unknown> {
  // It has everything loaded when it gives up root's rights: without them it might not get at the sources.
  const script = `import { sqliteSessions } from ${JSON.stringify(SQLITE)};
    if (process.getuid() === 0) {
      process.setgroups([]);
      process.setgid(${NOBODY});
      process.setuid(${NOBODY});
    }
    const store = sqliteSessions(${JSON.stringify(path)});
    const attempts = [
      () => store.read('bot'),
      () => store.transact('bot', async (record) => ({ record: { ...record, position: 's1' }, result: undefined })),
    ];
    const errors = [];
    for (const attempt of attempts) {
      errors.push(await attempt().then(() => null, ({ name, permanent, message }) => ({ name, permanent, message })));
    }
    console.log(JSON.stringify(errors));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  return JSON.parse(stdout);
}

describe('a Node.js without node:sqlite', () => {
  it('is told which one is needed', async () => {
    const path = join(await ownFolder(), 'bot.db');
    const script = `import { sqliteSessions } from ${JSON.stringify(SQLITE)};
      const error = await sqliteSessions(${JSON.stringify(path)}).read('bot').catch((error) => error);
      console.log(JSON.stringify({ permanent: error.permanent, message: error.message }));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--no-experimental-sqlite',
      '--input-type=module',
      '--eval',
      script,
    ]);
    expect(JSON.parse(stdout)).toEqual({
      permanent: true,
      message: expect.stringMatching(/Node\.js \(v\d+.*no node:sqlite.*22\.18 or later.*24\.15/),
    });
  });
});

const noMount = mountingRefused();
describe.skipIf(noMount !== undefined)(
  `a disk${noMount === undefined ? '' : `: skipped, ${noMount}`}`,
  () => {
    it('that is read-only gives an error and keeps the session', async () => {
      const disk = smallDisk(1_024);
      const path = await storedFile(disk.path);
      disk.setReadOnly(true);
      const store = openStore(path);
      await expectRefused(store, true, /bot\.db cannot be written.*read-only/);
      await expectRefused(openStore(join(disk.path, 'new.db')), true, /new\.db cannot be created \(EROFS\)/);
      disk.setReadOnly(false);
      expect(await rotate(store, 'bot')).toBe(2);
      await store.close();
    });

    it('that is full gives an error before anything is asked of the homeserver', async () => {
      const disk = smallDisk(512);
      const record = fullRecord(1);
      const store = openStore(join(disk.path, 'bot.db'));
      await write(store, 'bot', record);
      await fill(disk.path);
      let worked = false;
      const changed = store.transact('bot', async () => {
        worked = true;
        return { result: undefined };
      });
      await expect(changed).rejects.toMatchObject({
        permanent: false,
        message: expect.stringMatching(/disk of .* is full/),
      });
      expect(worked).toBe(false);
      expect(plain(await store.read('bot'))).toEqual(plain(record));
      await rm(join(disk.path, 'filler'));
      expect(await rotate(store, 'bot')).toBe(2);
      await store.close();
    });

    it('that gets full in the middle of a transaction keeps the session as it was', async () => {
      const disk = smallDisk(512);
      const record = fullRecord(1);
      const store = openStore(join(disk.path, 'bot.db'));
      await write(store, 'bot', record);
      const changed = store.transact('bot', async () => {
        await fill(disk.path);
        return { record: fullRecord(2), result: undefined };
      });
      await expect(changed).rejects.toMatchObject({
        permanent: false,
        message: expect.stringMatching(/is full/),
      });
      expect(plain(await store.read('bot'))).toEqual(plain(record));
      await rm(join(disk.path, 'filler'));
      expect(await rotate(store, 'bot')).toBe(2);
      await store.close();
    });

    it('that is full when the file is made gives an error, and works later', async () => {
      const disk = smallDisk(512);
      await fill(disk.path);
      const store = openStore(join(disk.path, 'bot.db'));
      await expectRefused(store, false, /is full|free space/);
      await rm(join(disk.path, 'filler'));
      expect(await rotate(store, 'bot')).toBe(1);
      await store.close();
    });
  },
);

async function fill(folder: string): Promise<void> {
  const filler = join(folder, 'filler');
  await expect(writeFile(filler, Buffer.alloc(1024 * 1024))).rejects.toThrow('ENOSPC');
  expect((await stat(filler)).size).toBeGreaterThan(0);
}
