import { chmod, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { sqliteSessions } from '../../../src/adapters/sessions/sqlite/index.ts';
import { describeBadRows } from './bad-rows.ts';
import { expectRefused } from './expect-refused.ts';
import { ownFolder } from './folder.ts';
import { fullRecord, plain, rotate, write } from './records.ts';
import { openStore, storedFile } from './sqlite/fixtures.ts';
import { mountingRefused, smallDisk } from './sqlite/tmpfs.ts';

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
      await expect(store.claim('bot', { waitAtMostMs: 1_000 })).rejects.toMatchObject({
        permanent: false,
        message: expect.stringMatching(/disk of .* is full/),
      });
      expect(plain(await store.read('bot', 'session'))).toEqual(plain(record));
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
