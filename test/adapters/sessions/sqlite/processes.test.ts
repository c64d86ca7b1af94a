import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeAcrossProcesses } from '../contract-processes.ts';
import { ownFolder } from '../folder.ts';
import { holdElsewhere } from '../other-process.ts';
import { fullRecord, generationOf, rotate, write } from '../records.ts';
import { openStore, ownFile } from './fixtures.ts';

describeAcrossProcesses('SQLite', ownFile);

describe('SQLite', () => {
  it('gives up waiting for another process in time, and changes nothing', async () => {
    const path = join(await ownFolder(), 'bot.db');
    const store = openStore(path, { lockTimeoutMs: 100 });
    await write(store, 'bot', fullRecord(1));
    const holder = await holdElsewhere({ kind: 'sqlite', path }, 'bot');
    await expect(rotate(store, 'bot')).rejects.toMatchObject({
      permanent: false,
      message: expect.stringMatching(/Another process has held .*bot\.db for more than 100 ms/),
    });
    expect(await generationOf(store, 'bot')).toBe(1);
    await holder.kill();
    expect(await rotate(store, 'bot')).toBe(2);
  });

  it('lets everything else go on while it waits for another process', async () => {
    const folder = await ownFolder();
    const path = join(folder, 'bot.db');
    const store = openStore(path);
    await write(store, 'bot', fullRecord(1));
    const holder = await holdElsewhere({ kind: 'sqlite', path }, 'bot');
    const waiting = rotate(store, 'bot');
    const other = openStore(join(folder, 'other.db'));
    for (let generation = 1; generation <= 5; generation += 1) {
      expect(await rotate(other, 'bot')).toBe(generation);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    await holder.kill();
    expect(await waiting).toBe(2);
  });
});
