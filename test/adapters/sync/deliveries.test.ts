import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deliveries } from '../../../src/adapters/sync/index.ts';
import type { ClientTrouble } from '../../../src/ports/index.ts';

function delivering(handlerTimeoutMs = 1_000) {
  const troubles: ClientTrouble[] = [];
  const reached: string[] = [];
  const done: string[] = [];
  const deliveries = new Deliveries({
    handlerTimeoutMs,
    onTrouble: (trouble) => troubles.push(trouble),
    onHandled: (position) => reached.push(position),
  });
  const at = (roomId: string, eventId = '$1') => ({ roomId, type: 'room.message', eventId });
  return { troubles, reached, done, deliveries, at };
}

/** Lets everything happen that waits for nothing but promises. */
const settle = () => vi.advanceTimersByTimeAsync(0);

describe('what is handed to the bot’s own code', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is handled at once where nothing is waited for, and so is its position', () => {
    const { deliveries, reached, done, at } = delivering();
    const delivery = deliveries.begin();
    delivery.hand(at('!a'), () => done.push('one'));
    delivery.hand(at('!a'), () => done.push('two'));
    expect(done).toEqual(['one', 'two']);
    expect(reached).toEqual([]);
    delivery.close('s1');
    expect(reached).toEqual(['s1']);
  });

  it('waits for what came before in its room, and for no other room', async () => {
    const { deliveries, reached, done, at } = delivering();
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = deliveries.begin();
    first.hand(at('!a'), () => promise.then(() => done.push('a1')));
    first.close('s1');
    const second = deliveries.begin();
    second.hand(at('!a'), () => done.push('a2'));
    second.hand(at('!b'), () => done.push('b'));
    second.close('s2');
    await settle();
    expect(done).toEqual(['b']);
    expect(reached).toEqual([]);
    resolve();
    await settle();
    expect(done).toEqual(['b', 'a1', 'a2']);
    expect(reached.at(-1)).toBe('s2');
  });

  it('reaches no position before an earlier one', async () => {
    const { deliveries, reached, at } = delivering();
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = deliveries.begin();
    first.hand(at('!a'), () => promise);
    first.close('s1');
    for (const position of ['s2', 's3']) deliveries.begin().close(position);
    await settle();
    expect(reached).toEqual([]);
    resolve();
    await settle();
    expect(reached).toEqual(['s3']);
  });

  it('that throws or rejects is told, and counts as handled', async () => {
    const { deliveries, troubles, reached, at } = delivering();
    const delivery = deliveries.begin();
    delivery.hand(at('!a', '$thrown'), () => {
      throw new Error('thrown');
    });
    delivery.hand(at('!a', '$rejected'), () => Promise.reject(new Error('rejected')));
    delivery.close('s1');
    await settle();
    expect(reached).toEqual(['s1']);
    expect(troubles).toEqual([
      {
        code: 'handler-failed',
        roomId: '!a',
        type: 'room.message',
        eventId: '$thrown',
        error: new Error('thrown'),
      },
      {
        code: 'handler-failed',
        roomId: '!a',
        type: 'room.message',
        eventId: '$rejected',
        error: new Error('rejected'),
      },
    ]);
  });

  it('that hangs holds up its room no longer than the bound, and is told', async () => {
    const { deliveries, troubles, reached, done, at } = delivering(1_000);
    const delivery = deliveries.begin();
    delivery.hand(at('!a', '$hung'), () => new Promise(() => {}));
    delivery.hand(at('!a', '$next'), () => done.push('next'));
    delivery.close('s1');
    await vi.advanceTimersByTimeAsync(999);
    expect(done).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toEqual(['next']);
    expect(reached).toEqual(['s1']);
    expect(troubles).toEqual([
      { code: 'handler-slow', roomId: '!a', type: 'room.message', eventId: '$hung', heldMs: 1_000 },
    ]);
  });

  it('that rejects after its bound is told then, and no rejection goes unhandled', async () => {
    const { deliveries, troubles, at } = delivering(1_000);
    const { promise, reject } = Promise.withResolvers<void>();
    const delivery = deliveries.begin();
    delivery.hand(at('!a'), () => promise);
    await vi.advanceTimersByTimeAsync(1_000);
    reject(new Error('late'));
    await settle();
    expect(troubles.map(({ code }) => code)).toEqual(['handler-slow', 'handler-failed']);
  });

  it('is waited for by nobody where the bound is 0', async () => {
    const { deliveries, troubles, reached, at } = delivering(0);
    const delivery = deliveries.begin();
    delivery.hand(at('!a'), () => new Promise(() => {}));
    delivery.close('s1');
    await settle();
    expect(reached).toEqual(['s1']);
    expect(troubles).toEqual([]);
  });

  it('is no more than a thousand at once: the next answer waits', async () => {
    const { deliveries, at } = delivering(60_000);
    const { promise, resolve } = Promise.withResolvers<void>();
    const delivery = deliveries.begin();
    for (let count = 0; count < 1_000; count += 1) delivery.hand(at(`!${count}`), () => promise);
    let mayGoOn = false;
    const waiting = deliveries.roomForMore().then(() => {
      mayGoOn = true;
    });
    await settle();
    expect(mayGoOn).toBe(false);
    resolve();
    await waiting;
  });

  it('whose answer is dropped: its position does not count, and a later one is reached', () => {
    const { deliveries, reached } = delivering();
    const first = deliveries.begin();
    deliveries.begin().close('s2');
    first.drop();
    expect(reached).toEqual([]);
    deliveries.begin().close('s3');
    expect(reached).toEqual(['s3']);
  });

  describe('while the session is stopped', () => {
    it('is not begun any more, and what was begun is waited for', async () => {
      const { deliveries, reached, done, at } = delivering();
      const { promise, resolve } = Promise.withResolvers<void>();
      const first = deliveries.begin();
      first.hand(at('!a'), () => promise.then(() => done.push('begun')));
      first.close('s1');
      const second = deliveries.begin();
      second.hand(at('!a'), () => done.push('begun too late'));
      second.close('s2');
      let stopped = false;
      const stopping = deliveries.stop().then(() => {
        stopped = true;
      });
      await settle();
      expect(stopped).toBe(false);
      resolve();
      await stopping;
      await settle();
      expect(done).toEqual(['begun']);
      expect(reached).toEqual(['s1']);
      expect(deliveries.clean).toBe(true);
    });

    it('and fails, does not count as handled, and is not told', async () => {
      const { deliveries, reached, troubles, at } = delivering();
      const { promise, reject } = Promise.withResolvers<void>();
      const delivery = deliveries.begin();
      delivery.hand(at('!a'), () => promise);
      delivery.close('s1');
      const stopping = deliveries.stop();
      reject(new Error('the session was stopped'));
      await stopping;
      await settle();
      expect(reached).toEqual([]);
      expect(troubles).toEqual([]);
      expect(deliveries.clean).toBe(false);
    });

    it('and was handled in one room, and not begun in another: it is not said that nothing is repeated', async () => {
      const { deliveries, at } = delivering();
      const delivery = deliveries.begin();
      const { promise, resolve } = Promise.withResolvers<void>();
      delivery.hand(at('!a'), () => promise);
      delivery.hand(at('!a'), () => {});
      delivery.close('s1');
      const stopping = deliveries.stop();
      resolve();
      await stopping;
      expect(deliveries.clean).toBe(false);
    });
  });

  it('after the end: nothing is begun, and what was not done does not count as handled', async () => {
    const { deliveries, reached, done, at } = delivering();
    const { promise, resolve } = Promise.withResolvers<void>();
    const delivery = deliveries.begin();
    delivery.hand(at('!a'), () => promise);
    delivery.hand(at('!a'), () => done.push('begun too late'));
    delivery.close('s1');
    deliveries.close();
    resolve();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(done).toEqual([]);
    expect(reached).toEqual([]);
  });
});
