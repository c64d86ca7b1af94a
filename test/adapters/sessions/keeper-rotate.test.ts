import { describe, expect, it } from 'vitest';
import { memorySessions } from '../../../src/adapters/sessions/index.ts';
import { Secret } from '../../../src/ports/index.ts';
import {
  exchanges,
  granted,
  keeperOn,
  name,
  refusedRefresh,
  restored,
  session,
  storeWith,
  tokensOf,
  unreachable,
} from './keeper-fixtures.ts';

describe('rotate', () => {
  it('exchanges, writes the pair with the token that was spent, and only then uses it', async () => {
    const { store, keeper } = await restored();
    const result = await keeper.rotate(1, async (refreshToken) => {
      expect(refreshToken.reveal()).toBe('refresh-1');
      expect(keeper.current?.generation).toBe(1);
      return granted(2);
    });
    expect(result).toMatchObject({
      kind: 'renewed',
      session: {
        generation: 2,
        userId: '@bot:localhost',
        deviceId: 'DEV',
        obtainedAt: 5_000,
        expiresAt: 65_000,
      },
    });
    expect(await tokensOf(store)).toEqual({
      generation: 2,
      access: 'access-2',
      refresh: 'refresh-2',
      previous: 'refresh-1',
    });
    expect(keeper.current?.accessToken.reveal()).toBe('access-2');
    expect(keeper.isOurs(new Secret('access-1').reveal())).toBe(true);
    expect(keeper.isOurs(new Secret('access-3').reveal())).toBe(false);
  });

  it('keeps the old refresh token where the answer has none', async () => {
    const { store, keeper } = await restored();
    const { exchange } = exchanges({
      ok: true,
      value: { accessToken: new Secret('access-2'), sentAt: 5_000 },
    });
    await keeper.rotate(1, exchange);
    expect(await tokensOf(store)).toEqual({
      generation: 2,
      access: 'access-2',
      refresh: 'refresh-1',
      previous: undefined,
    });
    expect(keeper.current).not.toHaveProperty('expiresAt');
  });

  it('keeps an answer that refuses, and changes nothing', async () => {
    const { store, keeper } = await restored();
    const { exchange, spent } = exchanges(unreachable);
    expect(await keeper.rotate(1, exchange)).toEqual({
      kind: 'refused',
      rejection: unreachable.ok || unreachable.rejection,
    });
    expect(spent).toEqual(['refresh-1']);
    expect((await tokensOf(store)).generation).toBe(1);
    expect(keeper.current?.generation).toBe(1);
  });

  it('adopts a newer session, without a request', async () => {
    const { store, keeper } = await restored();
    await keeperOn(store).rotate(1, exchanges(granted(2)).exchange);
    const { exchange, spent } = exchanges(granted(3));
    expect(await keeper.rotate(1, exchange)).toMatchObject({ kind: 'adopted', session: { generation: 2 } });
    expect(spent).toEqual([]);
    expect(keeper.current?.accessToken.reveal()).toBe('access-2');
  });

  it('of twenty holders at once sends one request', async () => {
    const { store } = await restored();
    const { exchange, spent } = exchanges(granted(2));
    const results = await Promise.all(Array.from({ length: 20 }, () => keeperOn(store).rotate(1, exchange)));
    expect(spent).toEqual(['refresh-1']);
    expect(results.filter(({ kind }) => kind === 'renewed')).toHaveLength(1);
    expect(results.filter(({ kind }) => kind === 'adopted')).toHaveLength(19);
  });

  it('with nothing to exchange is a refresh that was refused', async () => {
    const store = await storeWith({
      session: { generation: 1, accessToken: new Secret('access-1'), obtainedAt: 0 },
    });
    const { exchange, spent } = exchanges(granted(2));
    expect(await keeperOn(store).rotate(1, exchange)).toMatchObject({
      kind: 'refused',
      rejection: { endpoint: 'refresh', errcode: 'M_UNKNOWN_TOKEN' },
    });
    expect(await keeperOn(memorySessions()).rotate(0, exchange)).toMatchObject({
      kind: 'refused',
      rejection: { endpoint: 'refresh', status: 401 },
    });
    expect(spent).toEqual([]);
  });

  it('lets an exchange that throws harm nobody after it', async () => {
    const { keeper } = await restored();
    await expect(
      keeper.rotate(1, () => {
        throw new Error('a bug');
      }),
    ).rejects.toThrow('a bug');
    expect(await keeper.rotate(1, exchanges(granted(2)).exchange)).toMatchObject({ kind: 'renewed' });
    await keeper.settled();
  });
});

describe('rotate, when the store went back to an older session,', () => {
  it('exchanges that one, and uses what it gets', async () => {
    const { store, keeper } = await restored();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    await keeper.rotate(2, exchanges(granted(3)).exchange);
    await store.update(name, 'session', () => ({ record: { session: session(1) }, result: undefined }));
    const { exchange, spent } = exchanges(granted(22));
    expect(await keeper.rotate(3, exchange)).toMatchObject({ kind: 'renewed', session: { generation: 2 } });
    expect(spent).toEqual(['refresh-1']);
    expect(keeper.current?.accessToken.reveal()).toBe('access-22');
  });
});

describe('the token that was spent', () => {
  it('is tried again when its successor is refused, for the pair may never have worked', async () => {
    const { store, keeper } = await restored({ previous: new Secret('refresh-0') });
    const { exchange, spent } = exchanges(refusedRefresh, granted(2));
    expect(await keeper.rotate(1, exchange)).toMatchObject({ kind: 'renewed' });
    expect(spent).toEqual(['refresh-1', 'refresh-0']);
    expect(await tokensOf(store)).toMatchObject({ refresh: 'refresh-2', previous: 'refresh-0' });
  });

  it('is not tried after trouble that passes', async () => {
    const { keeper } = await restored({ previous: new Secret('refresh-0') });
    const { exchange, spent } = exchanges(unreachable);
    expect(await keeper.rotate(1, exchange)).toMatchObject({
      kind: 'refused',
      rejection: { trouble: 'unreachable' },
    });
    expect(spent).toEqual(['refresh-1']);
  });

  it('refused as well: the refresh token is dead', async () => {
    const { keeper } = await restored({ previous: new Secret('refresh-0') });
    const { exchange, spent } = exchanges(refusedRefresh, refusedRefresh);
    expect(await keeper.rotate(1, exchange)).toMatchObject({ kind: 'refused', rejection: { status: 403 } });
    expect(spent).toEqual(['refresh-1', 'refresh-0']);
  });

  it('met by trouble: both are tried again later', async () => {
    const { store, keeper } = await restored({ previous: new Secret('refresh-0') });
    const first = exchanges(refusedRefresh, unreachable);
    expect(await keeper.rotate(1, first.exchange)).toMatchObject({ rejection: { trouble: 'unreachable' } });
    expect(await tokensOf(store)).toMatchObject({ refresh: 'refresh-1', previous: 'refresh-0' });
  });

  it('is kept until the next renewal, whatever the pair has proven meanwhile', async () => {
    const { store, keeper } = await restored();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    await keeper.identify(2, '@bot:localhost', 'OTHER');
    expect(await tokensOf(store)).toMatchObject({ generation: 2, previous: 'refresh-1' });
    await keeper.rotate(2, exchanges(granted(3)).exchange);
    expect(await tokensOf(store)).toMatchObject({ generation: 3, previous: 'refresh-2' });
  });
});

describe('a refusal, when another process has written a newer session meanwhile,', () => {
  it('is not the end: that one is adopted', async () => {
    const { store, keeper } = await restored();
    const result = await keeper.rotate(1, async () => {
      // It took the claim for lost.
      await store.update(name, 'session', () => ({ record: { session: session(2) }, result: undefined }));
      return refusedRefresh;
    });
    expect(result).toMatchObject({ kind: 'adopted', session: { generation: 2 } });
    expect(keeper.current?.accessToken.reveal()).toBe('access-2');
  });
});

it('remembers its tokens of the recent past, and not those of all time', async () => {
  const { keeper } = await restored();
  for (let generation = 1; generation < 50; generation += 1) {
    await keeper.rotate(generation, exchanges(granted(generation + 1)).exchange);
  }
  const ours = (n: number) => keeper.isOurs(new Secret(`access-${n}`).reveal());
  expect([ours(50), ours(49), ours(30), ours(1)]).toEqual([true, true, true, false]);
});
