import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { pauses, whenFree } from '../../../../src/adapters/sessions/sqlite/busy.ts';
import { hasRoom } from '../../../../src/adapters/sessions/sqlite/table.ts';
import { ownFolder } from '../folder.ts';
import { fullRecord, generationOf, rotate, write } from '../records.ts';
import { openStore } from './fixtures.ts';

const busy = Object.assign(new Error('busy'), { errcode: 5, errstr: 'database is locked' });

/** Fails so often, and counts. */
function failing(times: number, error: Error) {
  const attempt = vi.fn(() => {
    if (attempt.mock.calls.length <= times) throw error;
    return 'done';
  });
  return attempt;
}

describe('waiting until no other connection is in the way', () => {
  it('tries again', async () => {
    expect(await whenFree(failing(3, busy), 60_000)).toBe('done');
  });

  it('does not try again what fails for another reason', async () => {
    const attempt = failing(1, new Error('no'));
    await expect(whenFree(attempt, 60_000)).rejects.toThrow('no');
    expect(attempt).toHaveBeenCalledTimes(1);
  });

  it('ends when the time is over, to the millisecond', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(1_000);
    onTestFinished(() => now.mockRestore());
    const attempt = failing(1, busy);
    await expect(whenFree(attempt, 0)).rejects.toBe(busy);
    expect(attempt).toHaveBeenCalledTimes(1);
  });

  it('pauses longer and longer', () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    onTestFinished(() => random.mockRestore());
    const waits = pauses();
    expect(Array.from({ length: 7 }, () => waits.next().value)).toEqual([1, 2, 4, 8, 16, 25, 25]);
  });

  it('pauses half as long, or half as long again', () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0);
    onTestFinished(() => random.mockRestore());
    expect(pauses().next().value).toBe(0.5);
    random.mockReturnValue(0.75);
    expect(pauses().next().value).toBe(1.25);
  });
});

describe('a file that another connection holds', () => {
  async function held(lockTimeoutMs: number) {
    const path = `${await ownFolder()}/bot.db`;
    const store = openStore(path, { lockTimeoutMs });
    await write(store, 'bot', fullRecord(1));
    const other = new DatabaseSync(path);
    onTestFinished(() => other.close());
    other.exec('BEGIN IMMEDIATE');
    return { store, other };
  }

  it('is waited for', async () => {
    const { store, other } = await held(60_000);
    const { promise: refused, resolve } = Promise.withResolvers<void>();
    const method = 'exec';
    const exec = DatabaseSync.prototype[method];
    const spy = vi.spyOn(DatabaseSync.prototype, method).mockImplementation(function (
      this: DatabaseSync,
      sql,
    ) {
      try {
        exec.call(this, sql);
      } catch (error) {
        resolve();
        throw error;
      }
    });
    onTestFinished(() => spy.mockRestore());
    const rotated = rotate(store, 'bot');
    await refused;
    other.exec('ROLLBACK');
    expect(await rotated).toBe(2);
  });

  it('is given up in time, and nothing is changed', async () => {
    const now = performance.now.bind(performance);
    // Hours after the process was started.
    const spy = vi.spyOn(performance, 'now').mockImplementation(() => now() + 1e9);
    onTestFinished(() => spy.mockRestore());
    const { store, other } = await held(50);
    await expect(rotate(store, 'bot')).rejects.toMatchObject({
      permanent: false,
      message: expect.stringMatching(/Another process has held .*bot\.db for more than 50 ms/),
    });
    expect(await generationOf(store, 'bot')).toBe(1);
    other.exec('ROLLBACK');
    expect(await rotate(store, 'bot')).toBe(2);
  });
});

describe('a disk', () => {
  it.each([
    [{ blocks: 100, bavail: 16, bsize: 4_096 }, true],
    [{ blocks: 100, bavail: 15, bsize: 4_096 }, false],
    [{ blocks: 100, bavail: 65_535, bsize: 1 }, false],
    [{ blocks: 0, bavail: 0, bsize: 4_096 }, true],
  ])('with %j has room for a write: %s', (stats, expected) => {
    expect(hasRoom(stats)).toBe(expected);
  });
});
