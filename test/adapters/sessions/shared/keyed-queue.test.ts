import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeyedQueue } from '../../../../src/adapters/sessions/shared/keyed-queue.ts';

/** Whose turns have come, in that order, and the functions that end them. */
function queue() {
  const turns = new KeyedQueue();
  const come: string[] = [];
  const ends = new Map<string, (() => void) | undefined>();
  const ask = async (who: string, key = 'bot', waitAtMostMs = 1_000) => {
    const end = await turns.take(key, waitAtMostMs);
    come.push(end === undefined ? `${who} is late` : who);
    ends.set(who, end);
  };
  return { come, ask, end: (who: string) => ends.get(who)?.() };
}

/** Long enough for every turn that can come. */
const pause = () => vi.advanceTimersByTimeAsync(0);

describe('turns', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('come one after the other, in the order in which they were asked for', async () => {
    const { come, ask, end } = queue();
    await ask('first');
    const others = [ask('second'), ask('third')];
    await pause();
    expect(come).toEqual(['first']);
    end('first');
    await pause();
    expect(come).toEqual(['first', 'second']);
    end('second');
    await Promise.all(others);
    expect(come).toEqual(['first', 'second', 'third']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of another key are no matter', async () => {
    const { come, ask } = queue();
    await ask('first', 'bot');
    await ask('second', 'other');
    expect(come).toEqual(['first', 'second']);
  });

  it('that do not come in time are given up, and pass by who has them', async () => {
    const { come, ask, end } = queue();
    await ask('first');
    const second = ask('second', 'bot', 50);
    const third = ask('third');
    await vi.advanceTimersByTimeAsync(49);
    expect(come).toEqual(['first']);
    await vi.advanceTimersByTimeAsync(1);
    await second;
    expect(come).toEqual(['first', 'second is late']);
    end('first');
    await third;
    expect(come).toEqual(['first', 'second is late', 'third']);
  });

  it('that are over are forgotten: the next one need not wait', async () => {
    const { come, ask, end } = queue();
    await ask('first');
    end('first');
    await pause();
    const second = ask('second');
    expect(vi.getTimerCount()).toBe(0);
    await second;
    expect(come).toEqual(['first', 'second']);
  });

  it('that are over are not forgotten while others wait', async () => {
    const { come, ask, end } = queue();
    await ask('first');
    const second = ask('second');
    end('first');
    await second;
    const third = ask('third');
    await pause();
    expect(come).toEqual(['first', 'second']);
    end('second');
    await third;
  });
});
