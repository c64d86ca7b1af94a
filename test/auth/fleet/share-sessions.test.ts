import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { memorySessions, type SessionStore, SessionStoreError, shareSessions } from '../../../src/index.ts';

const LEASE_MS = 1_000;
const PATIENCE = { timeout: 30_000, interval: 10 };
const NAMES = Array.from({ length: 60 }, (_, index) => `bot${index}`);

/** Sessions that say who runs them. Whoever starts one that runs elsewhere has made a mistake. */
class Stage {
  readonly runs = new Map<string, string>();
  readonly mistakes: string[] = [];
  readonly stopped: string[] = [];

  session(member: string, name: string) {
    let started = false;
    return {
      start: async () => {
        const other = this.runs.get(name);
        if (other !== undefined) this.mistakes.push(`${name} runs in ${other}, and is started in ${member}`);
        this.runs.set(name, member);
        started = true;
      },
      stop: async () => {
        this.stopped.push(name);
        // It takes its time, as a client does.
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (started && this.runs.get(name) === member) this.runs.delete(name);
      },
    };
  }

  countOf(member: string): number {
    return [...this.runs.values()].filter((runner) => runner === member).length;
  }
}

function join(stage: Stage, sessions: SessionStore, member: string, shares = 32) {
  const shared = shareSessions({
    ...{ sessions, names: NAMES, leaseMs: LEASE_MS, shares, logger: false },
    create: (name) => stage.session(member, name),
  });
  onTestFinished(() => shared.stop());
  return shared;
}

/** The same store, until the member is cut off from it. */
function cuttable(store: SessionStore): SessionStore & { cut: boolean } {
  const away = async () => {
    throw new SessionStoreError('away', { permanent: false });
  };
  return {
    ...store,
    cut: false,
    read(...given) {
      return this.cut ? away() : store.read(...given);
    },
    update(...given) {
      return this.cut ? away() : store.update(...given);
    },
  };
}

const allRun = (stage: Stage) => vi.waitFor(() => expect(stage.runs.size).toBe(NAMES.length), PATIENCE);

describe('sessions that processes share', () => {
  test('run all, each in one of them', async () => {
    const stage = new Stage();
    const store = memorySessions();
    const members = ['a', 'b', 'c'].map((member) => join(stage, store, member));
    await allRun(stage);
    expect(members.reduce((sum, { running }) => sum + running.size, 0)).toBe(NAMES.length);
    expect(stage.mistakes).toEqual([]);
  });

  test('are dealt out anew when a process joins, and stop in the one before they start in the other', async () => {
    const stage = new Stage();
    const store = memorySessions();
    join(stage, store, 'first');
    await allRun(stage);
    expect(stage.countOf('first')).toBe(NAMES.length);
    join(stage, store, 'second');
    await vi.waitFor(() => {
      expect(stage.runs.size).toBe(NAMES.length);
      expect(stage.countOf('second')).toBeGreaterThan(NAMES.length / 4);
    }, PATIENCE);
    expect(stage.mistakes).toEqual([]);
  });

  test('are handed on when a process stops', async () => {
    const stage = new Stage();
    const store = memorySessions();
    const first = join(stage, store, 'first');
    await allRun(stage);
    join(stage, store, 'second');
    await first.stop();
    expect(first.running.size).toBe(0);
    expect(stage.countOf('first')).toBe(0);
    await allRun(stage);
    expect(stage.countOf('second')).toBe(NAMES.length);
    expect(stage.mistakes).toEqual([]);
  });

  test('stop where the store cannot be reached, before others take them over', async () => {
    const stage = new Stage();
    const store = memorySessions();
    const own = cuttable(store);
    join(stage, own, 'first');
    await allRun(stage);
    own.cut = true;
    join(stage, store, 'second');
    await vi.waitFor(() => expect(stage.countOf('second')).toBe(NAMES.length), PATIENCE);
    expect(stage.countOf('first')).toBe(0);
    expect(stage.mistakes).toEqual([]);
  });

  test('go on where one of them cannot be made or started, and say so', async () => {
    const errors = new Map<string, string>();
    const shared = shareSessions({
      ...{ sessions: memorySessions(), names: ['made', 'started', 'well'], leaseMs: LEASE_MS, logger: false },
      create: (name) => {
        if (name === 'made') throw new Error('not made');
        return {
          start: async () => {
            if (name === 'started') throw new Error('not started');
          },
          stop: async () => undefined,
        };
      },
      onError: (name, error) => errors.set(name, (error as Error).message),
    });
    onTestFinished(() => shared.stop());
    await vi.waitFor(() => expect(shared.running.has('well')).toBe(true), PATIENCE);
    await vi.waitFor(() => {
      expect(Object.fromEntries(errors)).toEqual({ made: 'not made', started: 'not started' });
    }, PATIENCE);
    expect([...shared.running.keys()].toSorted()).toEqual(['started', 'well']);
  });

  test('start although others of them wait for something', async () => {
    const names = Array.from({ length: 15 }, (_, index) => `bot${index}`);
    const shared = shareSessions({
      ...{ sessions: memorySessions(), names, leaseMs: LEASE_MS, logger: false },
      // One whose homeserver is away, say.
      create: () => ({ start: () => new Promise(() => undefined), stop: async () => undefined }),
    });
    onTestFinished(() => shared.stop());
    await vi.waitFor(() => expect(shared.running.size).toBe(names.length), PATIENCE);
  });

  test('need a lease and shares', () => {
    const options = { sessions: memorySessions(), names: [], create: () => new Stage().session('', '') };
    expect(() => shareSessions({ ...options, shares: 0 })).toThrow('shares');
    expect(() => shareSessions({ ...options, leaseMs: 0.5 })).toThrow('leaseMs');
  });
});

describe('what a process is asked to hand on', () => {
  const SHARES = 4;
  const leaderOf = (store: SessionStore, index: number) =>
    store.read(`fleet:${index} of ${SHARES}`, 'leader');
  const holders = async (store: SessionStore) =>
    Promise.all(Array.from({ length: SHARES }, async (_, index) => (await leaderOf(store, index))?.holder));
  const ask = async (store: SessionStore, by: string) => {
    for (let index = 0; index < SHARES; index += 1) {
      await store.update(`fleet:${index} of ${SHARES}`, 'leader', (record) =>
        record === undefined || record.holder === by
          ? { result: undefined }
          : { record: { ...record, wanted: by }, result: undefined },
      );
    }
  };
  const aBeat = () => vi.advanceTimersByTimeAsync(LEASE_MS / 2);

  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('it keeps, where it has no more than whoever asks', async () => {
    const stage = new Stage();
    const store = memorySessions();
    join(stage, store, 'first', SHARES);
    await aBeat();
    join(stage, store, 'second', SHARES);
    await vi.advanceTimersByTimeAsync(10 * LEASE_MS);
    const before = await holders(store);
    const [one, other] = new Set(before);
    expect(before.filter((holder) => holder === one)).toHaveLength(SHARES / 2);
    stage.stopped.length = 0;
    await ask(store, one ?? '');
    await ask(store, other ?? '');
    await aBeat();
    await aBeat();
    expect(await holders(store)).toEqual(before);
    expect(stage.stopped).toEqual([]);
  });

  test('it hands on until it has as many, though it is asked for all at once', async () => {
    const stage = new Stage();
    const store = memorySessions();
    join(stage, store, 'first', SHARES);
    await aBeat();
    await ask(store, 'somebody new');
    await aBeat();
    await aBeat();
    expect((await holders(store)).filter((holder) => holder === '')).toHaveLength(SHARES / 2);
  });
});
