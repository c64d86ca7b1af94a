import { describe, expect, it } from 'vitest';
import { SessionKeeper } from '../../../src/adapters/sessions/index.ts';
import { type Answer, Secret, type TokenGrant } from '../../../src/ports/index.ts';
import { budget, goingOn } from './going-on.ts';
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
  nobody,
} from './keeper-fixtures.ts';

describe('a store that is away', () => {
  it('is waited for, where nothing else is said', async () => {
    const place = interruptible(await storeWith({ session: session(1) }));
    const keeper = keeperOn(place.store);
    await keeper.restore({}, nobody);
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
  });

  it('is done without when requests wait, and that is told', async () => {
    const { inner, place, keeper } = await goingOn();
    place.away();
    const { exchange, spent } = exchanges(granted(2));
    const result = await keeper.rotate(1, exchange);
    expect(result).toMatchObject({
      kind: 'renewed',
      unpersisted: true,
      session: { generation: 2, userId: '@bot:localhost' },
    });
    expect(spent).toEqual(['refresh-1']);
    expect(keeper.current?.accessToken.reveal()).toBe('access-2');
    expect(keeper.isOurs(new Secret('access-2').reveal())).toBe(true);
    expect((await tokensOf(inner)).generation).toBe(1);
  });

  it('for more than one lifetime is told of once, and gets the last pair when it is back', async () => {
    const { inner, place, keeper } = await goingOn();
    place.away();
    const { exchange, spent } = exchanges(granted(2), granted(3), granted(4));
    expect(await keeper.rotate(1, exchange)).toHaveProperty('unpersisted');
    const second = await keeper.rotate(2, exchange);
    expect(second).toMatchObject({ kind: 'renewed', session: { generation: 3 } });
    expect(second).not.toHaveProperty('unpersisted');
    expect((await tokensOf(inner)).generation).toBe(1);
    place.back();
    const third = await keeper.rotate(3, exchange);
    expect(third).toMatchObject({ kind: 'renewed', session: { generation: 4 } });
    expect(third).not.toHaveProperty('unpersisted');
    expect(spent).toEqual(['refresh-1', 'refresh-2', 'refresh-3']);
    expect(await tokensOf(inner)).toMatchObject({ generation: 4, access: 'access-4', previous: 'refresh-3' });
    place.away();
    expect(await keeper.rotate(4, exchanges(granted(5)).exchange)).toHaveProperty('unpersisted');
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

  it('before anything was restored: there is nothing to go on with', async () => {
    const { place } = await goingOn();
    const { exchange, spent } = exchanges(granted(2));
    place.away();
    const keeper = new SessionKeeper({
      store: place.store,
      name,
      budget,
      withoutStore: () => true,
    });
    expect(await keeper.rotate(0, exchange)).toEqual({ kind: 'trouble', why: 'the database is away' });
    expect(spent).toEqual([]);
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
    const withoutStore = () => true;
    const keeper = new SessionKeeper({ store: broken.store, name, budget, withoutStore });
    await keeper.restore({}, nobody);
    broken.faults.push({ at: 'commit', permanent: false });
    const { exchange, spent } = exchanges(granted(2));
    expect(await keeper.rotate(1, exchange)).toMatchObject({
      kind: 'renewed',
      unpersisted: true,
      session: { generation: 2 },
    });
    expect(spent).toEqual(['refresh-1']);
    await keeper.close();
    expect((await tokensOf(broken.store)).access).toBe('access-2');
  });

  it('from the answer on, and another was first: theirs is renewed, and ours forgotten', async () => {
    const inner = await storeWith({ session: session(1) });
    const broken = faulty(inner);
    let urgent = false;
    const withoutStore = () => urgent;
    const keeper = new SessionKeeper({ store: broken.store, name, budget, withoutStore });
    await keeper.restore({}, nobody);
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
    const withoutStore = () => true;
    const keeper = new SessionKeeper({ store: broken.store, name, budget, withoutStore });
    await keeper.restore({}, nobody);
    broken.faults.push({ at: 'acknowledge', permanent: false });
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    const before = await broken.store.read(name, 'session');
    await keeper.close();
    expect(await broken.store.read(name, 'session')).toBe(before);
    expect(keeper.current?.generation).toBe(2);
  });

  it('with a refresh token that is refused: another may have renewed it, so the store is waited for', async () => {
    const { inner, place, keeper } = await goingOn();
    place.away();
    await keeperOn(inner).rotate(1, exchanges(granted(2)).exchange);
    const { exchange, spent } = exchanges(refusedRefresh);
    expect(await keeper.rotate(1, exchange)).toEqual({ kind: 'trouble', why: 'the database is away' });
    expect(spent).toEqual(['refresh-1']);
    place.back();
    expect(await keeper.rotate(1, exchange)).toMatchObject({ kind: 'adopted', session: { generation: 2 } });
  });

  it('and a homeserver that is away, too: what it says is handed on', async () => {
    const { place, keeper } = await goingOn();
    place.away();
    expect(await keeper.rotate(1, exchanges(unreachable).exchange)).toMatchObject({
      kind: 'refused',
      rejection: { trouble: 'unreachable' },
    });
    expect(keeper.current?.generation).toBe(1);
  });

  it('is not asked to write whose the session is that it does not have', async () => {
    const { inner, place, keeper } = await goingOn();
    place.away();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    await keeper.identify(2, '@bot:localhost', 'OTHER');
    expect(keeper.current).toMatchObject({ generation: 2, deviceId: 'OTHER' });
    place.back();
    await keeper.close();
    expect((await inner.read(name, 'session'))?.session).toEqual(keeper.current);
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
