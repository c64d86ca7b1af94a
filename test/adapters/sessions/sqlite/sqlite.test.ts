import { execFile } from 'node:child_process';
import { copyFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { describeSessionStore } from '../contract.ts';
import { describeLastingStore } from '../contract-lasting.ts';
import { ownFolder } from '../folder.ts';
import { storeAt } from '../place.ts';
import { openStore, ownFile } from './fixtures.ts';
import { fullRecord, generationOf, rotate, toldOf, write } from '../records.ts';

describeSessionStore('SQLite', async () => {
  const { place, remove } = await ownFile();
  const first = storeAt(place);
  const second = storeAt(place);
  return {
    store: first.store,
    second: second.store,
    close: async () => {
      await first.close();
      await second.close();
      await remove();
    },
  };
});

describeLastingStore('SQLite', ownFile);

describe('SQLite', () => {
  it('takes a file URL', async () => {
    const path = join(await ownFolder(), 'bot.db');
    await write(openStore(pathToFileURL(path)), 'bot', fullRecord(1));
    expect(await generationOf(openStore(path), 'bot')).toBe(1);
  });

  it('keeps namespaces apart', async () => {
    const path = join(await ownFolder(), 'bot.db');
    const live = openStore(path);
    const staging = openStore(path, { namespace: 'staging' });
    await write(live, 'bot', fullRecord(1));
    expect(await staging.read('bot', 'session')).toBeUndefined();
    expect(await rotate(staging, 'bot')).toBe(1);
    await staging.delete('bot');
    expect(await staging.list()).toEqual([]);
    expect(await live.list()).toEqual(['bot']);
  });

  it('leaves nothing of a deleted session in its files', async () => {
    const folder = await ownFolder();
    const store = openStore(join(folder, 'bot.db'));
    const record = fullRecord();
    await write(store, 'bot', record);
    const token = record.session?.accessToken.reveal() ?? '';
    // In another process: to open and close the file in this one would release SQLite's locks.
    const filesWithToken = async () => {
      const files = (await readdir(folder)).map((file) => join(folder, file));
      const grep = promisify(execFile)('grep', ['-l', '-a', '-F', token, ...files]);
      return (await grep.catch(({ stdout }: { stdout: string }) => ({ stdout }))).stdout;
    };
    expect(await filesWithToken()).toContain('bot.db');
    await store.delete('bot');
    expect(await filesWithToken()).toBe('');
  });

  it('goes on with a backup that was put back', async () => {
    const folder = await ownFolder();
    const [path, backup] = [join(folder, 'bot.db'), join(folder, 'backup.db')];
    const before = openStore(path);
    await write(before, 'bot', fullRecord(1));
    await before.close();
    await copyFile(path, backup);

    const store = openStore(path, { watchMs: 20 });
    expect(await rotate(store, 'bot')).toBe(2);
    await rename(backup, path);
    await rm(`${path}-wal`);
    await rm(`${path}-shm`);
    const told = toldOf(store, 'bot', 2);
    const close = vi.spyOn(DatabaseSync.prototype, 'close');
    onTestFinished(() => close.mockRestore());
    expect(await rotate(store, 'bot')).toBe(2);
    await told;
    // The old file's two connections, now; and the new one's.
    expect(close).toHaveBeenCalledTimes(2);
    await store.close();
    expect(close).toHaveBeenCalledTimes(4);
    expect(await generationOf(openStore(path), 'bot')).toBe(2);
  });

  it('is the same for two stores that are opened at once on a new file', async () => {
    const path = join(await ownFolder(), 'bot.db');
    const stores = Array.from({ length: 8 }, () => openStore(path));
    await Promise.all(stores.map((store) => rotate(store, 'bot')));
    expect(await generationOf(openStore(path), 'bot')).toBe(8);
  });
});
