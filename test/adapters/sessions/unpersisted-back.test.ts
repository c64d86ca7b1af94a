import { afterEach, describe, expect, it, vi } from 'vitest';
import { SessionKeeper } from '../../../src/adapters/sessions/index.ts';
import { Secret, type SessionStore, type TokenGrant } from '../../../src/ports/index.ts';
import { budget, goingOn } from './going-on.ts';
import {
  exchanges,
  faulty,
  granted,
  keeperOn,
  name,
  refusedRefresh,
  session,
  storeWith,
  tokensOf,
  nobody,
} from './keeper-fixtures.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** The homeserver tells whose the token is after the store has the pair, and before it has said so. */
function identifyWhileWritten(inner: SessionStore, keeper: SessionKeeper): void {
  const update = inner.update.bind(inner);
  inner.update = async (of, kind, change) => {
    const done = await update(of, kind, change);
    inner.update = update;
    await keeper.identify(2, '@bot:localhost', 'OTHER');
    return done;
  };
}

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
    const { inner, place, keeper, newer, errors } = await goingOn();
    place.away();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    place.back();
    place.tell();
    await keeper.settled();
    expect((await tokensOf(inner)).generation).toBe(2);
    expect([newer, errors]).toEqual([[], []]);
  });

  it('when the bot stops, at the latest', async () => {
    const { inner, place, keeper } = await goingOn();
    place.away();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    place.back();
    await keeper.close();
    expect(await tokensOf(inner)).toMatchObject({ generation: 2, access: 'access-2' });
  });

  it('with what was learned of it while it was written', async () => {
    const { inner, place, keeper } = await goingOn();
    place.away();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    place.back();
    identifyWhileWritten(inner, keeper);
    await keeper.close();
    expect((await inner.read(name, 'session'))?.session).toMatchObject({ generation: 2, deviceId: 'OTHER' });
    expect(keeper.current?.deviceId).toBe('OTHER');
  });

  it('but for what was learned of it while another was found there', async () => {
    const { inner, place, keeper } = await goingOn();
    place.away();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    await keeperOn(inner).rotate(1, exchanges(granted(22)).exchange);
    place.back();
    identifyWhileWritten(inner, keeper);
    await keeper.close();
    expect(await tokensOf(inner)).toMatchObject({
      generation: 3,
      access: 'access-22',
      previous: 'refresh-2',
    });
    expect(keeper.current?.accessToken.reveal()).toBe('access-22');
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
    await inner.update(name, 'session', () => ({ record: { session: session(1) }, result: undefined }));
    place.back();
    await keeper.close();
    expect((await tokensOf(inner)).generation).toBe(3);
  });

  it('unless it has it already: then what it has is used', async () => {
    const broken = faulty(await storeWith({ session: session(1) }));
    const withoutStore = () => true;
    const keeper = new SessionKeeper({ store: broken.store, name, budget, withoutStore });
    await keeper.restore({}, nobody);
    broken.faults.push({ at: 'acknowledge', permanent: false });
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    const other = keeperOn(broken.store);
    await other.restore({}, nobody);
    await other.identify(2, '@bot:localhost', 'OTHER');
    await keeper.close();
    expect(keeper.current).toMatchObject({ generation: 2, deviceId: 'OTHER' });
  });

  it('of a login without a refresh token, unless another process was first: theirs is used', async () => {
    const inner = await storeWith({ session: session(1) });
    const broken = faulty(inner);
    const withoutStore = () => true;
    const keeper = new SessionKeeper({ store: broken.store, name, budget, withoutStore });
    await keeper.restore({}, nobody);
    const { refreshToken: _, ...value } = (granted(2) as { value: TokenGrant }).value;
    broken.faults.push({ at: 'commit', permanent: false });
    await keeper.logIn(1, { otherwise: 'DEV' }, async () => ({ ok: true, value }));
    broken.faults.push({ at: 'start', permanent: false });
    const { exchange, spent } = exchanges();
    expect(await keeper.rotate(1, exchange)).toMatchObject({ kind: 'renewed', session: { generation: 2 } });
    expect(keeper.current?.accessToken.reveal()).toBe('access-2');
    await keeperOn(inner).rotate(1, exchanges(granted(22)).exchange);
    await keeper.close();
    expect(spent).toEqual([]);
    expect(await tokensOf(inner)).toMatchObject({ generation: 2, access: 'access-22' });
    expect(keeper.current?.accessToken.reveal()).toBe('access-22');
  });

  it('but not where the session was deleted meanwhile', async () => {
    const { inner, place, keeper } = await goingOn();
    place.away();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    await inner.delete(name);
    place.back();
    await keeper.close();
    expect(await inner.read(name, 'session')).toBeUndefined();
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

  it('and a pair of ours that was never used is forgotten', async () => {
    const inner = await storeWith({ session: session(1) });
    const broken = faulty(inner);
    const keeper = keeperOn(broken.store);
    await keeper.restore({}, nobody);
    broken.faults.push({ at: 'commit', permanent: false });
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    await keeperOn(inner).rotate(1, exchanges(granted(22)).exchange);
    const before = await inner.read(name, 'session');
    await keeper.close();
    expect(await inner.read(name, 'session')).toBe(before);
    expect(keeper.current?.generation).toBe(1);
  });

  it('and who watches is told', async () => {
    const { inner, place, newer, heardOfNewer } = await both();
    const heard = heardOfNewer();
    place.tell();
    await heard;
    expect(newer).toMatchObject([{ generation: 4 }]);
    expect(await tokensOf(inner)).toEqual(adopted);
  });

  it('but not who has ceased to watch', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { inner, newer, unwatch } = await both();
    unwatch();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await tokensOf(inner)).toEqual(adopted);
    expect(newer).toEqual([]);
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
