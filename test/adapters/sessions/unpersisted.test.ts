import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { SessionKeeper } from '../../../src/adapters/sessions/index.ts';
import { type Answer, Secret, type StoredSession, type TokenGrant } from '../../../src/ports/index.ts';
import {
  exchanges,
  faulty,
  granted,
  interruptible,
  keeperOn,
  name,
  refusedRefresh,
  session,
  storeWith,
  tokensOf,
  unreachable,
} from './keeper-fixtures.ts';

const budget = { burst: 100, perMs: 1 };

/** A keeper that goes on without its store, and has restored generation 1. */
async function goingOn() {
  const inner = await storeWith({ session: session(1) });
  const place = interruptible(inner);
  const circumstances = { urgent: true, warnings: 0 };
  const keeper = new SessionKeeper({
    store: place.store,
    name,
    budget,
    withoutStore: {
      urgent: () => circumstances.urgent,
      onUnpersisted: () => {
        circumstances.warnings += 1;
      },
    },
  });
  // Its timer would come up in another test.
  onTestFinished(() => keeper.close());
  await keeper.restore(undefined, 0);
  const newer: StoredSession[] = [];
  let heard = Promise.withResolvers<void>();
  keeper.watch(
    (one) => {
      newer.push(one);
      heard.resolve();
      heard = Promise.withResolvers();
    },
    () => {},
  );
  return { inner, place, circumstances, keeper, newer, heardOfNewer: () => heard.promise };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a store that is away', () => {
  it('is waited for, where nothing else is said', async () => {
    const place = interruptible(await storeWith({ session: session(1) }));
    const keeper = keeperOn(place.store);
    await keeper.restore(undefined, 0);
    place.away();
    const { exchange, spent } = exchanges(granted(2));
    expect(await keeper.rotate(1, exchange)).toEqual({ kind: 'trouble', why: 'the database is away' });
    expect(spent).toEqual([]);
  });

  it('is waited for as long as the token serves', async () => {
    const { place, circumstances, keeper } = await goingOn();
    place.away();
    circumstances.urgent = false;
    const { exchange, spent } = exchanges(granted(2));
    expect(await keeper.rotate(1, exchange)).toMatchObject({ kind: 'trouble' });
    expect(spent).toEqual([]);
    expect(circumstances.warnings).toBe(0);
  });

  it('is done without when requests wait, and that is told', async () => {
    const { inner, place, circumstances, keeper } = await goingOn();
    place.away();
    const { exchange, spent } = exchanges(granted(2));
    const result = await keeper.rotate(1, exchange);
    expect(result).toMatchObject({ kind: 'renewed', session: { generation: 2, userId: '@bot:localhost' } });
    expect(spent).toEqual(['refresh-1']);
    expect(keeper.current?.accessToken.reveal()).toBe('access-2');
    expect(keeper.isOurs(new Secret('access-2').fingerprint())).toBe(true);
    expect((await tokensOf(inner)).generation).toBe(1);
    expect(circumstances.warnings).toBe(1);
  });

  it('for more than one lifetime is told of once, and gets the last pair when it is back', async () => {
    const { inner, place, circumstances, keeper } = await goingOn();
    place.away();
    const { exchange, spent } = exchanges(granted(2), granted(3), granted(4));
    await keeper.rotate(1, exchange);
    expect(await keeper.rotate(2, exchange)).toMatchObject({ kind: 'renewed', session: { generation: 3 } });
    expect(circumstances.warnings).toBe(1);
    expect((await tokensOf(inner)).generation).toBe(1);
    place.back();
    expect(await keeper.rotate(3, exchange)).toMatchObject({ kind: 'renewed', session: { generation: 4 } });
    expect(spent).toEqual(['refresh-1', 'refresh-2', 'refresh-3']);
    expect(await tokensOf(inner)).toMatchObject({ generation: 4, access: 'access-4', previous: 'refresh-3' });
    place.away();
    await keeper.rotate(4, exchanges(granted(5)).exchange);
    expect(circumstances.warnings).toBe(2);
  });

  it('has the pair before the next one is asked for', async () => {
    const { inner, place, keeper } = await goingOn();
    place.away();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    place.back();
    await keeper.rotate(2, async () => {
      expect(await tokensOf(inner)).toMatchObject({
        generation: 2,
        access: 'access-2',
        refresh: 'refresh-2',
      });
      return granted(3);
    });
  });

  it('of two who want a new token at once, sends one request', async () => {
    const { place, keeper } = await goingOn();
    place.away();
    const { exchange, spent } = exchanges(granted(2), granted(3));
    const results = await Promise.all([keeper.rotate(1, exchange), keeper.rotate(1, exchange)]);
    expect(results.map(({ kind }) => kind)).toEqual(['renewed', 'adopted']);
    expect(spent).toEqual(['refresh-1']);
  });

  it('from the answer on: the pair that could not be written is used, and no other asked for', async () => {
    const broken = faulty(await storeWith({ session: session(1) }));
    const onUnpersisted = vi.fn<() => void>();
    const withoutStore = { urgent: () => true, onUnpersisted };
    const keeper = new SessionKeeper({ store: broken.store, name, budget, withoutStore });
    await keeper.restore(undefined, 0);
    broken.faults.push({ at: 'commit', permanent: false });
    const { exchange, spent } = exchanges(granted(2));
    expect(await keeper.rotate(1, exchange)).toMatchObject({ kind: 'renewed', session: { generation: 2 } });
    expect(spent).toEqual(['refresh-1']);
    expect(onUnpersisted).toHaveBeenCalledOnce();
    await keeper.close();
    expect((await tokensOf(broken.store)).access).toBe('access-2');
  });

  it('from the answer on, and another was first: theirs is renewed, and ours forgotten', async () => {
    const inner = await storeWith({ session: session(1) });
    const broken = faulty(inner);
    let urgent = false;
    const withoutStore = { urgent: () => urgent, onUnpersisted: () => {} };
    const keeper = new SessionKeeper({ store: broken.store, name, budget, withoutStore });
    await keeper.restore(undefined, 0);
    broken.faults.push({ at: 'commit', permanent: false });
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    await keeperOn(inner).rotate(1, exchanges(granted(22)).exchange);
    await keeper.adoptNewer();
    urgent = true;
    broken.faults.push({ at: 'start', permanent: false });
    const { exchange, spent } = exchanges(granted(3));
    expect(await keeper.rotate(2, exchange)).toMatchObject({ kind: 'renewed', session: { generation: 3 } });
    expect(spent).toEqual(['refresh-22']);
    await keeper.close();
    expect(await tokensOf(inner)).toMatchObject({ generation: 3, access: 'access-3' });
  });

  it('that had written the pair, and could not say so: what is stored stays', async () => {
    const broken = faulty(await storeWith({ session: session(1) }));
    const withoutStore = { urgent: () => true, onUnpersisted: () => {} };
    const keeper = new SessionKeeper({ store: broken.store, name, budget, withoutStore });
    await keeper.restore(undefined, 0);
    broken.faults.push({ at: 'acknowledge', permanent: false });
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    const before = await broken.store.read(name);
    await keeper.close();
    expect(await broken.store.read(name)).toBe(before);
    expect(keeper.current?.generation).toBe(2);
  });

  it('with a refresh token that is refused: another may have renewed it, so the store is waited for', async () => {
    const { inner, place, circumstances, keeper } = await goingOn();
    place.away();
    await keeperOn(inner).rotate(1, exchanges(granted(2)).exchange);
    const { exchange, spent } = exchanges(refusedRefresh);
    expect(await keeper.rotate(1, exchange)).toEqual({ kind: 'trouble', why: 'the database is away' });
    expect(spent).toEqual(['refresh-1']);
    expect(circumstances.warnings).toBe(0);
    place.back();
    expect(await keeper.rotate(1, exchange)).toMatchObject({ kind: 'adopted', session: { generation: 2 } });
  });

  it('and a homeserver that is away, too: what it says is handed on', async () => {
    const { place, circumstances, keeper } = await goingOn();
    place.away();
    expect(await keeper.rotate(1, exchanges(unreachable).exchange)).toMatchObject({
      kind: 'refused',
      rejection: { trouble: 'unreachable' },
    });
    expect(circumstances.warnings).toBe(0);
    expect(keeper.current?.generation).toBe(1);
  });

  it('is not asked to confirm or to identify what it does not have', async () => {
    const { inner, place, keeper } = await goingOn();
    place.away();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    await keeper.confirm(2);
    await keeper.identify(2, '@bot:localhost', 'OTHER');
    expect(keeper.current).toMatchObject({ generation: 2, deviceId: 'OTHER' });
    expect(keeper.current).not.toHaveProperty('previous');
    place.back();
    await keeper.close();
    expect((await inner.read(name))?.session).toEqual(keeper.current);
  });

  it('has the session written back before a login', async () => {
    const { inner, place, keeper } = await goingOn();
    place.away();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    const login = async (): Promise<Answer<TokenGrant>> => {
      expect((await tokensOf(inner)).generation).toBe(2);
      return granted(9);
    };
    expect(await keeper.logIn(2, { otherwise: 'DEV' }, login)).toMatchObject({ kind: 'trouble' });
    place.back();
    expect(await keeper.logIn(2, { otherwise: 'DEV' }, login)).toMatchObject({
      kind: 'renewed',
      session: { generation: 3 },
    });
  });
});

describe('a store that is back gets the pair', () => {
  it('after a while by itself', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { inner, place, keeper, newer } = await goingOn();
    place.away();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(100_000);
    expect((await tokensOf(inner)).generation).toBe(1);
    place.back();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await tokensOf(inner)).toMatchObject({ generation: 2, access: 'access-2', previous: 'refresh-1' });
    expect(vi.getTimerCount()).toBe(0);
    expect(newer).toEqual([]);
    expect(keeper.current?.generation).toBe(2);
  });

  it('if the process has something else to do: the attempts do not keep it alive', async () => {
    const { place, keeper } = await goingOn();
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    place.away();
    const before = timers();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    expect(timers()).toBe(before);
    await keeper.close();
  });

  it('as soon as it tells of a change', async () => {
    const { inner, place, keeper } = await goingOn();
    place.away();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    place.back();
    place.tell();
    await keeper.settled();
    expect((await tokensOf(inner)).generation).toBe(2);
  });

  it('when the bot stops, at the latest', async () => {
    const { inner, place, keeper } = await goingOn();
    place.away();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    place.back();
    await keeper.close();
    expect(await tokensOf(inner)).toMatchObject({ generation: 2, access: 'access-2' });
  });

  it('or never, if the bot stops before: nothing goes on after that', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { inner, place, keeper } = await goingOn();
    place.away();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    await keeper.close();
    expect(vi.getTimerCount()).toBe(0);
    expect((await tokensOf(inner)).generation).toBe(1);
  });

  it('even where it went back to an older one', async () => {
    const { inner, place, keeper } = await goingOn();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    place.away();
    await keeper.rotate(2, exchanges(granted(3)).exchange);
    await inner.transact(name, async () => ({ record: { session: session(1) }, result: undefined }));
    place.back();
    await keeper.close();
    expect((await tokensOf(inner)).generation).toBe(3);
  });

  it('but not where the session was deleted meanwhile', async () => {
    const { inner, place, keeper } = await goingOn();
    place.away();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    await inner.delete(name);
    place.back();
    await keeper.close();
    expect(await inner.read(name)).toBeUndefined();
  });
});

describe('another process has renewed the session meanwhile', () => {
  async function both() {
    const around = await goingOn();
    const { inner, place, keeper } = around;
    place.away();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    await keeper.rotate(2, exchanges(granted(3)).exchange);
    const theirs = { accessToken: new Secret('access-theirs'), refreshToken: new Secret('refresh-theirs') };
    await keeperOn(inner).rotate(1, exchanges(granted(2, theirs)).exchange);
    place.back();
    return around;
  }
  const adopted = {
    generation: 4,
    access: 'access-theirs',
    refresh: 'refresh-theirs',
    previous: 'refresh-3',
  };

  it('theirs is used, as the newest, with our refresh token in reserve', async () => {
    const { inner, keeper } = await both();
    const { exchange, spent } = exchanges();
    expect(await keeper.rotate(3, exchange)).toMatchObject({ kind: 'adopted', session: { generation: 4 } });
    expect(spent).toEqual([]);
    expect(await tokensOf(inner)).toEqual(adopted);
    expect(keeper.current?.accessToken.reveal()).toBe('access-theirs');
  });

  it('and if theirs is the dead one, the next renewal finds ours', async () => {
    const { inner, keeper } = await both();
    await keeper.rotate(3, exchanges().exchange);
    const { exchange, spent } = exchanges(refusedRefresh, granted(5));
    expect(await keeper.rotate(4, exchange)).toMatchObject({ kind: 'renewed', session: { generation: 5 } });
    expect(spent).toEqual(['refresh-theirs', 'refresh-3']);
    expect(await tokensOf(inner)).toMatchObject({ generation: 5, access: 'access-5' });
  });

  it('and who watches is told', async () => {
    const { inner, place, newer, heardOfNewer } = await both();
    const heard = heardOfNewer();
    place.tell();
    await heard;
    expect(newer).toMatchObject([{ generation: 4 }]);
    expect(await tokensOf(inner)).toEqual(adopted);
  });

  it('also when it is the timer that finds out', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { inner, newer } = await both();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(newer).toMatchObject([{ generation: 4 }]);
    expect(await tokensOf(inner)).toEqual(adopted);
    expect(vi.getTimerCount()).toBe(0);
  });
});
