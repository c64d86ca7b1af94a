import { appendFile, copyFile, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { sqliteSessions } from '../../../../src/adapters/sessions/sqlite/index.ts';
import { expectRefused } from '../expect-refused.ts';
import { ownFolder } from '../folder.ts';
import { fullRecord, generationOf, rotate, write } from '../records.ts';
import { openStore, storedFile } from './fixtures.ts';

/** Does `sql` to the file, as another program would. */
function raw(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

/** Has `change` say what is run instead of what the store runs, until the test has finished. */
function instead(method: 'prepare' | 'exec', change: (sql: string) => string): void {
  const original = DatabaseSync.prototype[method];
  const spy = vi.spyOn(DatabaseSync.prototype, method);
  spy.mockImplementation(function (this: DatabaseSync, sql: string) {
    return Reflect.apply(original, this, [change(sql)]);
  });
  onTestFinished(() => spy.mockRestore());
}

describe('an SQLite file', () => {
  it.each(['PRAGMA user_version = 7; CREATE TABLE notes (id TEXT)', 'PRAGMA application_id = 42'])(
    'is refused when it is of another program: %s',
    async (sql) => {
      const path = join(await ownFolder(), 'bot.db');
      await writeFile(path, '', { mode: 0o600 });
      raw(path, sql);
      await expectRefused(openStore(path), true, /bot\.db is the database of another program/);
    },
  );

  it('is refused where processes cannot share it', async () => {
    const path = join(await ownFolder(), 'bot.db');
    instead('prepare', (sql) => sql.replace('journal_mode = WAL', 'journal_mode'));
    await expectRefused(openStore(path), true, /cannot be shared between processes/);
  });

  it('may be made by another process at the same moment', async () => {
    const folder = await ownFolder();
    const made = new DatabaseSync(await storedFile(folder));
    const sql = made.prepare('SELECT sql FROM sqlite_schema').get()?.['sql'];
    const id = made.prepare('PRAGMA application_id').get()?.['application_id'];
    made.close();
    const path = join(folder, 'new.db');
    let first = true;
    instead('exec', (text) => {
      if (text === 'BEGIN IMMEDIATE' && first) {
        first = false;
        raw(path, `${String(sql)}; PRAGMA application_id = ${String(id)}; PRAGMA user_version = 1`);
      }
      return text;
    });
    expect(await rotate(openStore(path), 'bot')).toBe(1);
    expect(first).toBe(false);
  });

  it('may be behind its log', async () => {
    const folder = await ownFolder();
    const path = join(folder, 'bot.db');
    const store = openStore(path);
    await write(store, 'bot', fullRecord(3));
    const copy = join(folder, 'copy.db');
    await copyFile(path, copy);
    await copyFile(`${path}-wal`, `${copy}-wal`);
    await appendFile(copy, 'torn');
    expect(await generationOf(openStore(copy), 'bot')).toBe(3);
  });

  it('is not made where a link leads to', async () => {
    const folder = await ownFolder();
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere);
    await symlink(join(elsewhere, 'bot.db'), join(folder, 'bot.db'));
    await expectRefused(openStore(join(folder, 'bot.db')), true, /bot\.db cannot be created \(EEXIST\)/);
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it('says so when SQLite fails', async () => {
    const path = join(await ownFolder(), 'bot.db');
    const store = openStore(path);
    await write(store, 'bot', fullRecord(1));
    raw(path, 'DROP TABLE sessions');
    await expectRefused(store, false, /SQLite failed on .*bot\.db/);
  });

  it('stays open from one transaction to the next', async () => {
    const store = openStore(join(await ownFolder(), 'bot.db'));
    await rotate(store, 'bot');
    const close = vi.spyOn(DatabaseSync.prototype, 'close');
    onTestFinished(() => close.mockRestore());
    await rotate(store, 'bot');
    expect(close).not.toHaveBeenCalled();
    await store.close();
    expect(close).toHaveBeenCalledTimes(2);
  });

  it('counts the writes of a session', async () => {
    const path = join(await ownFolder(), 'bot.db');
    const store = openStore(path);
    await rotate(store, 'bot');
    await rotate(store, 'bot');
    await store.close();
    const database = new DatabaseSync(path);
    onTestFinished(() => database.close());
    expect(database.prepare('SELECT version FROM sessions').all()).toEqual([{ version: 2 }]);
  });

  it.each(['lockTimeoutMs', 'watchMs'])('needs a number for %s', async (option) => {
    const path = join(await ownFolder(), 'bot.db');
    expect(() => sqliteSessions(path, { [option]: -1 })).toThrow(option);
  });
});

describe('watching an SQLite file', () => {
  it('tells of changes alone', async () => {
    const store = openStore(join(await ownFolder(), 'bot.db'), { watchMs: 2 });
    await rotate(store, 'bot');
    const { promise: looked, resolve } = Promise.withResolvers<void>();
    let looks = 0;
    instead('prepare', (sql) => {
      if (sql === 'PRAGMA data_version' && (looks += 1) === 5) resolve();
      return sql;
    });
    const listener = vi.fn();
    store.watch?.('bot', listener);
    await looked;
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('tells of a file that was put in the place of the other', async () => {
    const folder = await ownFolder();
    const path = await storedFile(folder);
    const backup = join(folder, 'backup.db');
    await copyFile(path, backup);
    const store = openStore(path, { watchMs: 2 });
    // The number of changes says nothing: two files may have the same.
    instead('prepare', (sql) => (sql === 'PRAGMA data_version' ? 'SELECT 1' : sql));
    let told = Promise.withResolvers<void>();
    store.watch?.('bot', () => told.resolve());
    await told.promise;
    told = Promise.withResolvers();
    await rename(backup, path);
    for (const end of ['-wal', '-shm']) await rm(`${path}${end}`, { force: true });
    await rotate(store, 'bot');
    await told.promise;
  });

  it('tells nobody who has left before the file was open', async () => {
    const store = openStore(join(await ownFolder(), 'bot.db'));
    const listener = vi.fn();
    store.watch?.('bot', listener)();
    await rotate(store, 'bot');
    expect(listener).not.toHaveBeenCalled();
  });

  it.each(['stop', 'close'] as const)('leaves no timer after %s', async (how) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const store = openStore(join(await ownFolder(), 'bot.db'));
    const stop = store.watch?.('bot', () => {});
    expect(vi.getTimerCount()).toBe(1);
    if (how === 'stop') stop?.();
    else await store.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
