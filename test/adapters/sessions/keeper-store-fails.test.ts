import { describe, expect, it } from 'vitest';
import { memorySessions } from '../../../src/adapters/sessions/index.ts';
import { exchanges, faulty, granted, keeperOn, restored, tokensOf, nobody } from './keeper-fixtures.ts';

describe('a store that fails', () => {
  it('before the exchange: nothing is spent', async () => {
    const { store } = await restored();
    const broken = faulty(store);
    const keeper = keeperOn(broken.store);
    broken.faults.push({ at: 'start', permanent: false });
    const { exchange, spent } = exchanges(granted(2));
    expect(await keeper.rotate(1, exchange)).toEqual({ kind: 'trouble', why: 'the disk is full' });
    expect(spent).toEqual([]);
  });

  it('after the exchange: the pair is not used, not lost, and written at the next attempt without a request', async () => {
    const { store } = await restored();
    const broken = faulty(store);
    const keeper = keeperOn(broken.store);
    await keeper.restore({}, nobody);
    broken.faults.push({ at: 'commit', permanent: false }, { at: 'commit', permanent: false });
    const { exchange, spent } = exchanges(granted(2), granted(3));
    expect(await keeper.rotate(1, exchange)).toMatchObject({ kind: 'trouble' });
    expect(keeper.current?.generation).toBe(1);
    expect(await keeper.rotate(1, exchange)).toMatchObject({ kind: 'trouble' });
    expect(await keeper.rotate(1, exchange)).toMatchObject({ kind: 'renewed', session: { generation: 2 } });
    expect(spent).toEqual(['refresh-1']);
    expect(await tokensOf(store)).toMatchObject({ access: 'access-2', previous: 'refresh-1' });
    expect(keeper.current?.accessToken.reveal()).toBe('access-2');
    await keeper.rotate(2, exchange);
    expect(spent).toEqual(['refresh-1', 'refresh-2']);
  });

  it('after the exchange, and somebody else was first: theirs is adopted', async () => {
    const { store } = await restored();
    const broken = faulty(store);
    const keeper = keeperOn(broken.store);
    broken.faults.push({ at: 'commit', permanent: false });
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    const other = granted(22);
    await keeperOn(store).rotate(1, exchanges(other).exchange);
    const { exchange, spent } = exchanges(granted(3));
    expect(await keeper.rotate(1, exchange)).toMatchObject({ kind: 'adopted', session: { generation: 2 } });
    expect(spent).toEqual([]);
    expect(keeper.current?.accessToken.reveal()).toBe('access-22');
    // The lost pair is forgotten for good.
    await keeper.rotate(2, exchange);
    expect(spent).toEqual(['refresh-22']);
  });

  it('to acknowledge what it has written: the pair is adopted', async () => {
    const { store } = await restored();
    const broken = faulty(store);
    const keeper = keeperOn(broken.store);
    broken.faults.push({ at: 'acknowledge', permanent: false });
    const { exchange, spent } = exchanges(granted(2));
    expect(await keeper.rotate(1, exchange)).toMatchObject({ kind: 'trouble' });
    expect(await keeper.rotate(1, exchange)).toMatchObject({ kind: 'adopted', session: { generation: 2 } });
    expect(spent).toEqual(['refresh-1']);
    expect(keeper.current?.accessToken.reveal()).toBe('access-2');
  });

  it('for good: the session is unusable, and what was issued is still not lost', async () => {
    const { store } = await restored();
    const broken = faulty(store);
    const keeper = keeperOn(broken.store);
    broken.faults.push({ at: 'commit', permanent: true });
    const { exchange, spent } = exchanges(granted(2));
    expect(await keeper.rotate(1, exchange)).toMatchObject({
      kind: 'unusable',
      error: { name: 'SessionStoreError', permanent: true },
    });
    expect(await keeper.rotate(1, exchange)).toMatchObject({ kind: 'renewed' });
    expect(spent).toHaveLength(1);
  });

  it('before a login is booked: none is sent', async () => {
    const broken = faulty(memorySessions());
    const keeper = keeperOn(broken.store);
    broken.faults.push({ at: 'start', permanent: false });
    let logins = 0;
    const login = async () => {
      logins += 1;
      return granted(1);
    };
    expect(await keeper.logIn(0, { otherwise: 'DEV' }, login)).toEqual({
      kind: 'trouble',
      why: 'the disk is full',
    });
    expect(logins).toBe(0);
  });

  it('after a login: the session is not lost, and no second login is sent', async () => {
    const broken = faulty(memorySessions());
    const keeper = keeperOn(broken.store);
    let logins = 0;
    const login = async () => {
      logins += 1;
      return granted(1, { userId: '@bot:localhost', deviceId: 'DEV' });
    };
    broken.faults.push({ at: 'commit', permanent: false });
    expect(await keeper.logIn(0, { otherwise: 'DEV' }, login)).toMatchObject({ kind: 'trouble' });
    expect(await keeper.logIn(0, { otherwise: 'DEV' }, login)).toMatchObject({
      kind: 'renewed',
      session: { generation: 1 },
    });
    expect(logins).toBe(1);
  });

  it('after a login that spent the budget: the session that was issued is written, not waited for', async () => {
    const broken = faulty(memorySessions());
    const keeper = keeperOn(broken.store, { burst: 1, perMs: 1_000_000 });
    broken.faults.push({ at: 'commit', permanent: false });
    const login = async () => granted(1);
    expect(await keeper.logIn(0, { otherwise: 'DEV' }, login)).toMatchObject({
      kind: 'trouble',
      why: 'the disk is full',
    });
    expect(await keeper.logIn(0, { otherwise: 'DEV' }, login)).toMatchObject({ kind: 'renewed' });
  });

  it('with an error of another kind: it is thrown', async () => {
    const store = memorySessions();
    store.claim = () => Promise.reject(new TypeError('a bug'));
    await expect(keeperOn(store).rotate(1, exchanges().exchange)).rejects.toThrow('a bug');
  });
});
