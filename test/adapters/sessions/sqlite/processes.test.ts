import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { describeAcrossProcesses } from '../contract-processes.ts';
import { ownFolder } from '../folder.ts';
import { fullRecord, generationOf, rotate, write } from '../records.ts';
import { openStore, ownFile } from './fixtures.ts';

describeAcrossProcesses('SQLite', ownFile);

describe('SQLite', () => {
  it('gives up waiting for another process that writes in time, and changes nothing', async () => {
    const path = join(await ownFolder(), 'bot.db');
    const store = openStore(path, { lockTimeoutMs: 100 });
    await write(store, 'bot', fullRecord(1));
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const refused = {
      permanent: false,
      message: expect.stringMatching(/Another process has held .*bot\.db for more than 100 ms/),
    };
    await expect(rotate(store, 'bot')).rejects.toMatchObject(refused);
    // A token that could not be stored is not to be asked for.
    await expect(store.claim('bot', { waitAtMostMs: 1_000 })).rejects.toMatchObject(refused);
    expect(await generationOf(store, 'bot')).toBe(1);
    other.exec('ROLLBACK');
    other.close();
    expect(await rotate(store, 'bot')).toBe(2);
    await (await store.claim('bot', { waitAtMostMs: 1_000 })).release();
  });

  it('keeps an empty file beside its own for each session that was claimed, for its owner alone', async () => {
    const folder = await ownFolder();
    const store = openStore(join(folder, 'bot.db'));
    await (await store.claim('bot', { waitAtMostMs: 1_000 })).release();
    await (await store.claim('bot', { waitAtMostMs: 1_000 })).release();
    const files = (await readdir(folder)).filter((file) => file.includes('-claim-'));
    expect(files).toHaveLength(1);
    const { size, mode } = await stat(join(folder, files[0] ?? ''));
    expect([size, mode & 0o777]).toEqual([0, 0o600]);
  });
});
