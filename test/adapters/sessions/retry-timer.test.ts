import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RetryTimer } from '../../../src/adapters/sessions/retry-timer.ts';

describe('the retry timer', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 0 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A timer, and when it has come up, in seconds. */
  function timer(attempt = async (): Promise<unknown> => undefined) {
    const at: number[] = [];
    const retrying = new RetryTimer(() => {
      at.push(Date.now() / 1_000);
      return attempt();
    });
    return { at, retrying };
  }
  const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1_000);

  it('comes up after a second, then ever more seldom, and at least every minute', async () => {
    const { at, retrying } = timer();
    retrying.start();
    await seconds(183);
    expect(at).toEqual([1, 3, 7, 15, 31, 63, 123, 183]);
    retrying.stop();
  });

  it('goes on as it was when it is started again', async () => {
    const { at, retrying } = timer();
    retrying.start();
    await seconds(2);
    retrying.start();
    await seconds(5);
    expect(at).toEqual([1, 3, 7]);
    retrying.stop();
  });

  it('begins anew after a stop', async () => {
    const { at, retrying } = timer();
    retrying.start();
    await seconds(8);
    retrying.stop();
    expect(vi.getTimerCount()).toBe(0);
    await seconds(100);
    retrying.start();
    await seconds(3);
    expect(at).toEqual([1, 3, 7, 109, 111]);
    retrying.stop();
  });

  it('waits for what it does', async () => {
    const attempt = Promise.withResolvers<void>();
    const { at, retrying } = timer(() => attempt.promise);
    retrying.start();
    await seconds(100);
    expect(at).toEqual([1]);
    attempt.resolve();
    await seconds(2);
    expect(at).toEqual([1, 102]);
    retrying.stop();
  });

  it('that was stopped in the middle does not come up again, nor twice if it was started again', async () => {
    const attempt = Promise.withResolvers<void>();
    const { at, retrying } = timer(() => attempt.promise);
    retrying.start();
    await seconds(1);
    retrying.stop();
    retrying.start();
    attempt.resolve();
    await seconds(1);
    expect(at).toEqual([1, 2]);
    expect(vi.getTimerCount()).toBe(1);
    retrying.stop();
  });
});
