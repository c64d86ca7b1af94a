import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Leadership, memorySessions } from '../../../src/adapters/sessions/index.ts';
import type { SessionStore } from '../../../src/ports/index.ts';
import { interruptible, name } from './keeper-fixtures.ts';

const leaseMs = 300;

/** A process that would lead, and how often it has asked the store for what. */
function candidate(on: SessionStore) {
  const changes: boolean[] = [];
  const asked = { reads: 0, transactions: 0 };
  const store: SessionStore = {
    ...on,
    read: (of, kind) => {
      asked.reads += 1;
      return on.read(of, kind);
    },
    update: (of, kind, change) => {
      asked.transactions += 1;
      return on.update(of, kind, change);
    },
  };
  const leadership = new Leadership({ store, name, leaseMs, onChange: (leading) => changes.push(leading) });
  onTestFinished(() => leadership.stop());
  return { leadership, changes, asked };
}

const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

const leaderOf = async (store: SessionStore) => store.read(name, 'leader');

/** Somebody else is the leader from now on, according to the store. */
const takeOver = (store: SessionStore) =>
  store.update(name, 'leader', (record) => ({
    record: { ...record, holder: 'somebody', beat: 1_000 },
    result: undefined,
  }));

describe('of those who would lead,', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('one that has given it up leads no more, by its own words too, and leaves it to others for a while', async () => {
    const store = memorySessions();
    const { leadership } = candidate(store);
    await leadership.start();
    await after(leaseMs);
    await leadership.yield();
    expect(leadership.holder).toBe('');
    await after(leaseMs);
    expect((await leaderOf(store))?.holder).toBe('');
  });

  describe('the first one', () => {
    it('leads at once, and tells it once', async () => {
      const { leadership, changes } = candidate(memorySessions());
      expect(leadership.leading).toBe(false);
      await leadership.start();
      expect(leadership.leading).toBe(true);
      await after(10 * leaseMs);
      expect(leadership.leading).toBe(true);
      expect(changes).toEqual([true]);
    });

    it('counts a beat on three times in a lease', async () => {
      const store = memorySessions();
      await candidate(store).leadership.start();
      expect((await leaderOf(store))?.beat).toBe(1);
      await after(leaseMs / 3 - 1);
      expect((await leaderOf(store))?.beat).toBe(1);
      await after(1);
      expect((await leaderOf(store))?.beat).toBe(2);
      await after(leaseMs);
      expect((await leaderOf(store))?.beat).toBe(5);
    });

    it('leaves the session alone, and is no session itself', async () => {
      const store = memorySessions();
      await store.update(name, 'session', () => ({ record: { deviceId: 'DEV' }, result: undefined }));
      const { leadership } = candidate(store);
      await leadership.start();
      expect(leadership.leading).toBe(true);
      expect(await store.list()).toEqual([name]);
      await leadership.stop();
      expect(await store.read(name, 'session')).toEqual({ deviceId: 'DEV' });
    });

    it('tries once, where it is started twice at once', async () => {
      const { leadership, asked } = candidate(memorySessions());
      await Promise.all([leadership.start(), leadership.start()]);
      expect(asked).toEqual({ reads: 1, transactions: 1 });
      expect(leadership.leading).toBe(true);
    });
  });

  describe('a second one', () => {
    async function both() {
      const inner = memorySessions();
      const place = interruptible(inner);
      const first = candidate(place.store);
      const second = candidate(inner);
      await first.leadership.start();
      await second.leadership.start();
      return { inner, place, first, second };
    }

    it('only looks on, as long as the first one beats', async () => {
      const { first, second } = await both();
      await after(10 * leaseMs);
      expect(first.changes).toEqual([true]);
      expect(second.changes).toEqual([]);
      expect(second.asked).toEqual({ reads: 31, transactions: 0 });
    });

    it('takes over at its next look when the first one has stopped', async () => {
      const { inner, first, second } = await both();
      await first.leadership.stop();
      expect(first.changes).toEqual([true, false]);
      expect(first.leadership.leading).toBe(false);
      expect(await leaderOf(inner)).toEqual({ holder: '', beat: 2 });
      await after(leaseMs / 3);
      expect(second.changes).toEqual([true]);
      expect((await leaderOf(inner))?.beat).toBe(3);
    });

    it('takes over when it has seen no beat for more than two leases; the first one has stepped down after one', async () => {
      const { place, first, second } = await both();
      place.away();
      await after(leaseMs - 1);
      expect(first.leadership.leading).toBe(true);
      await after(1);
      expect(first.changes).toEqual([true, false]);
      await after(leaseMs);
      expect(second.leadership.leading).toBe(false);
      await after(leaseMs / 3);
      expect(second.leadership.leading).toBe(true);
      place.back();
      await after(10 * leaseMs);
      expect(first.changes).toEqual([true, false]);
      expect(second.changes).toEqual([true]);
    });

    it('waits anew for every beat that it sees', async () => {
      const { place, first, second } = await both();
      place.away();
      await after(2 * leaseMs);
      place.back();
      await after(leaseMs / 3);
      // The second one may be the leader by now, as it looks at the same time; not both are.
      expect(first.leadership.leading).not.toBe(second.leadership.leading);
      await after(10 * leaseMs);
      expect(first.leadership.leading).not.toBe(second.leadership.leading);
    });

    it('of two who find the lead vacant at once, one leads', async () => {
      const inner = memorySessions();
      const candidates = Array.from({ length: 10 }, () => candidate(inner));
      await Promise.all(candidates.map(({ leadership }) => leadership.start()));
      expect(candidates.filter(({ leadership }) => leadership.leading)).toHaveLength(1);
      await after(10 * leaseMs);
      expect(candidates.filter(({ leadership }) => leadership.leading)).toHaveLength(1);
    });
  });

  describe('a leader', () => {
    it('leads again when its store is back, if nobody has taken over', async () => {
      const place = interruptible(memorySessions());
      const { leadership, changes } = candidate(place.store);
      await leadership.start();
      place.away();
      await after(10 * leaseMs);
      place.back();
      await after(leaseMs / 3);
      expect(changes).toEqual([true, false, true]);
      expect((await leaderOf(place.store))?.beat).toBe(2);
    });

    it('counts its lease from the moment when it began to write', async () => {
      const inner = memorySessions();
      let delayMs = 200;
      const { leadership, changes } = candidate({
        ...inner,
        update: async (of, kind, change) => {
          const result = await inner.update(of, kind, change);
          await new Promise((resolve) => {
            setTimeout(resolve, delayMs);
          });
          return result;
        },
      });
      const started = leadership.start();
      await after(200);
      await started;
      expect(leadership.leading).toBe(true);
      delayMs = 10_000;
      await after(99);
      expect(leadership.leading).toBe(true);
      await after(1);
      expect(changes).toEqual([true, false]);
      // By the time this write is told of, its lease is over.
      await after(10_000);
      expect(changes).toEqual([true, false]);
      delayMs = 0;
      await after(leaseMs);
      expect(changes).toEqual([true, false, true]);
    });

    it('does not lead by a write that took a lease', async () => {
      const inner = memorySessions();
      const { leadership, changes } = candidate({
        ...inner,
        update: async (of, kind, change) => {
          const result = await inner.update(of, kind, change);
          await vi.advanceTimersByTimeAsync(leaseMs);
          return result;
        },
      });
      await leadership.start();
      expect(changes).toEqual([]);
    });

    it('steps down when it finds another in its place', async () => {
      const store = memorySessions();
      const { leadership, changes } = candidate(store);
      await leadership.start();
      await takeOver(store);
      await after(leaseMs / 3);
      expect(changes).toEqual([true, false]);
      expect(await leaderOf(store)).toEqual({ holder: 'somebody', beat: 1_000 });
    });

    it('that has stopped leaves another in its place', async () => {
      const store = memorySessions();
      const { leadership } = candidate(store);
      await leadership.start();
      await takeOver(store);
      await leadership.stop();
      expect(await leaderOf(store)).toEqual({ holder: 'somebody', beat: 1_000 });
    });
  });

  describe('one that has stopped', () => {
    it('does nothing any more', async () => {
      const store = memorySessions();
      const { leadership, changes, asked } = candidate(store);
      await leadership.start();
      await leadership.stop();
      expect(vi.getTimerCount()).toBe(0);
      const before = { ...asked };
      await leadership.start();
      await leadership.stop();
      expect(vi.getTimerCount()).toBe(0);
      expect(asked).toEqual(before);
      expect(changes).toEqual([true, false]);
    });

    it('in the middle of a try has handed on what it got', async () => {
      const store = memorySessions();
      const { leadership, changes } = candidate(store);
      void leadership.start();
      await leadership.stop();
      expect(leadership.leading).toBe(false);
      expect(changes).toEqual([true, false]);
      expect(await leaderOf(store)).toEqual({ holder: '', beat: 2 });
      expect(vi.getTimerCount()).toBe(0);
    });

    it('without having led writes nothing', async () => {
      const store = memorySessions();
      await takeOver(store);
      const { leadership, asked } = candidate(store);
      await leadership.start();
      await leadership.stop();
      expect(asked.transactions).toBe(0);
    });

    it('while the store is away is replaced a little later', async () => {
      const inner = memorySessions();
      const place = interruptible(inner);
      const first = candidate(place.store);
      const second = candidate(inner);
      await first.leadership.start();
      await second.leadership.start();
      place.away();
      await first.leadership.stop();
      expect(first.changes).toEqual([true, false]);
      await after(3 * leaseMs);
      expect(second.changes).toEqual([true]);
    });
  });
});
