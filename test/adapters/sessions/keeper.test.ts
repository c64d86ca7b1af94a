import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { memorySessions } from '../../../src/adapters/sessions/index.ts';
import {
  type Answer,
  type Credentials,
  Secret,
  type SessionStore,
  SessionStoreError,
  type TokenGrant,
} from '../../../src/ports/index.ts';
import {
  exchanges,
  faulty,
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
    expect(keeper.isOurs(new Secret('access-1').fingerprint())).toBe(true);
    expect(keeper.isOurs(new Secret('access-3').fingerprint())).toBe(false);
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

  it('is dropped when the pair is confirmed', async () => {
    const { store, keeper } = await restored();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    await keeper.confirm(1);
    expect((await tokensOf(store)).previous).toBe('refresh-1');
    await keeper.confirm(2);
    expect(await tokensOf(store)).toMatchObject({ generation: 2, refresh: 'refresh-2', previous: undefined });
    expect(keeper.current?.previous).toBeUndefined();
  });

  it('of a session that somebody has renewed meanwhile is left alone', async () => {
    const { store, keeper } = await restored();
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    await keeperOn(store).rotate(2, exchanges(granted(3)).exchange);
    await keeper.confirm(2);
    expect(await tokensOf(store)).toMatchObject({ generation: 3, previous: 'refresh-2' });
  });
});

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
    await keeper.restore(undefined, 0);
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

  it('after a login: the session is not lost, and no second login is sent', async () => {
    const broken = faulty(memorySessions());
    const keeper = keeperOn(broken.store);
    let logins = 0;
    const login = async () => {
      logins += 1;
      return granted(1, { userId: '@bot:localhost', deviceId: 'DEV' });
    };
    // The first transaction books the login, the second one writes the session.
    broken.faults.push(undefined, { at: 'commit', permanent: false });
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
    // The first transaction books the login, the second one writes the session.
    broken.faults.push(undefined, { at: 'commit', permanent: false });
    const login = async () => granted(1);
    expect(await keeper.logIn(0, { otherwise: 'DEV' }, login)).toMatchObject({
      kind: 'trouble',
      why: 'the disk is full',
    });
    expect(await keeper.logIn(0, { otherwise: 'DEV' }, login)).toMatchObject({ kind: 'renewed' });
  });

  it('with an error of another kind: it is thrown', async () => {
    const store = memorySessions();
    store.transact = () => Promise.reject(new TypeError('a bug'));
    await expect(keeperOn(store).rotate(1, exchanges().exchange)).rejects.toThrow('a bug');
  });
});

describe('logIn', () => {
  it('writes the device and the attempt before the request is sent', async () => {
    const store = memorySessions();
    await keeperOn(store, { perMs: 60_000 }).logIn(0, { otherwise: 'DERIVED' }, async (deviceId) => {
      expect(deviceId).toBe('DERIVED');
      const record = await store.read(name);
      expect(record).toMatchObject({ deviceId: 'DERIVED' });
      expect(record?.loginBudgetFullAt).toBeGreaterThan(Date.now());
      expect(record).not.toHaveProperty('session');
      return granted(1, { userId: '@bot:localhost', deviceId: 'DERIVED' });
    });
    expect(await store.read(name)).toMatchObject({
      deviceId: 'DERIVED',
      session: { generation: 1, userId: '@bot:localhost', deviceId: 'DERIVED' },
    });
  });

  it('keeps the device that was decided first, over failures and restarts', async () => {
    const store = memorySessions();
    const devices: string[] = [];
    const login = async (deviceId: string) => {
      devices.push(deviceId);
      return devices.length < 3
        ? ({ ok: false, rejection: { endpoint: 'login', status: 500 } } as const)
        : granted(1, { deviceId });
    };
    await keeperOn(store).logIn(0, { otherwise: 'FIRST' }, login);
    await keeperOn(store).logIn(0, { otherwise: 'SECOND' }, login);
    expect(await keeperOn(store).logIn(0, { otherwise: 'THIRD' }, login)).toMatchObject({ kind: 'renewed' });
    expect(devices).toEqual(['FIRST', 'FIRST', 'FIRST']);
  });

  it('uses the device of the session there was', async () => {
    const { keeper } = await restored();
    const devices: string[] = [];
    const result = await keeper.logIn(1, { otherwise: 'DERIVED' }, async (deviceId) => {
      devices.push(deviceId);
      return granted(9);
    });
    expect(devices).toEqual(['DEV']);
    expect(result).toMatchObject({ kind: 'renewed', session: { generation: 2 } });
    expect(keeper.current).not.toHaveProperty('previous');
  });

  it('counts on from the highest generation', async () => {
    const keeper = keeperOn(memorySessions());
    expect(await keeper.logIn(7, { otherwise: 'DEV' }, async () => granted(1))).toMatchObject({
      session: { generation: 8 },
    });
  });

  it('adopts a newer session, without a request and without a booking', async () => {
    const { store } = await restored();
    const keeper = keeperOn(store);
    let logins = 0;
    const result = await keeper.logIn(0, { otherwise: 'DEV' }, async () => {
      logins += 1;
      return granted(2);
    });
    expect(result).toMatchObject({ kind: 'adopted', session: { generation: 1 } });
    expect(logins).toBe(0);
    expect(await store.read(name)).not.toHaveProperty('loginBudgetFullAt');
  });

  it('stops at the budget, and says until when; a restart changes nothing about it', async () => {
    const store = memorySessions();
    let logins = 0;
    const login = async () => {
      logins += 1;
      return { ok: false, rejection: { endpoint: 'login', status: 500 } } as const;
    };
    const before = Date.now();
    const attempt = () => keeperOn(store, { burst: 2, perMs: 60_000 }).logIn(0, { otherwise: 'DEV' }, login);
    await attempt();
    await attempt();
    const result = await attempt();
    expect(logins).toBe(2);
    if (result.kind !== 'trouble') throw new Error(result.kind);
    expect(result.why).toContain('login budget');
    expect(result.notBefore).toBeGreaterThan(before + 59_000);
    expect(result.notBefore).toBeLessThanOrEqual(Date.now() + 60_000);
  });

  it('keeps a Retry-After over a restart', async () => {
    const store = memorySessions();
    const before = Date.now();
    const limited = { endpoint: 'login', status: 429, retryAfterMs: 60_000 } as const;
    const first = await keeperOn(store).logIn(0, { otherwise: 'DEV' }, async () => ({
      ok: false,
      rejection: limited,
    }));
    expect(first).toEqual({ kind: 'refused', rejection: limited });
    const second = await keeperOn(store).logIn(0, { otherwise: 'DEV' }, async () => granted(1));
    expect(second).toMatchObject({ kind: 'trouble' });
    expect((second as { notBefore: number }).notBefore).toBeGreaterThanOrEqual(before + 60_000);
  });
});

describe('restore', () => {
  const given: Credentials = {
    accessToken: new Secret('given-1'),
    refreshToken: new Secret('given-refresh-1'),
    deviceId: 'GIVEN',
  };

  it('nothing', async () => {
    const keeper = keeperOn(memorySessions());
    expect(
      await keeper.restore({ login: { username: 'bot', password: new Secret('pw') } }, 0),
    ).toBeUndefined();
    expect(keeper.current).toBeUndefined();
  });

  it('the stored session', async () => {
    const { keeper } = await restored();
    expect(keeper.current?.accessToken.reveal()).toBe('access-1');
  });

  it('the given token where there is nothing yet', async () => {
    const store = memorySessions();
    const keeper = keeperOn(store);
    await keeper.restore(given, 1_234);
    expect(keeper.current).toMatchObject({ generation: 1, deviceId: 'GIVEN', obtainedAt: 1_234 });
    expect(await tokensOf(store)).toMatchObject({ access: 'given-1', refresh: 'given-refresh-1' });
  });

  it('the renewed session, although the environment still has the old token: it is taken once', async () => {
    const store = memorySessions();
    const first = keeperOn(store);
    await first.restore(given, 0);
    await first.rotate(1, exchanges(granted(2)).exchange);
    const second = keeperOn(store);
    await second.restore(given, 0);
    expect(second.current).toMatchObject({ generation: 2 });
    expect(second.current?.accessToken.reveal()).toBe('access-2');
  });

  it('the given token where it is another than the one before; what belonged to the old one goes', async () => {
    const store = memorySessions();
    const first = keeperOn(store);
    await first.restore(given, 0);
    await first.identify(1, '@bot:localhost', 'GIVEN');
    const second = keeperOn(store);
    await second.restore({ accessToken: new Secret('given-2') }, 9);
    expect(second.current).toEqual({
      generation: 2,
      accessToken: second.current?.accessToken,
      obtainedAt: 9,
    });
    expect(second.current?.accessToken.reveal()).toBe('given-2');
  });

  it('of twenty holders at once takes it once', async () => {
    const store = memorySessions();
    const sessions = await Promise.all(Array.from({ length: 20 }, () => keeperOn(store).restore(given, 0)));
    expect(new Set(sessions.map((one) => one?.generation))).toEqual(new Set([1]));
  });

  it('throws what the store throws', async () => {
    const broken = faulty(memorySessions());
    broken.faults.push({ at: 'start', permanent: true });
    await expect(keeperOn(broken.store).restore(given, 0)).rejects.toThrow(SessionStoreError);
  });
});

describe('identify', () => {
  it('writes what whoami said', async () => {
    const store = memorySessions();
    const keeper = keeperOn(store);
    await keeper.restore({ accessToken: new Secret('given-1') }, 0);
    await keeper.identify(1, '@bot:localhost', 'REAL');
    expect(keeper.current).toMatchObject({ userId: '@bot:localhost', deviceId: 'REAL' });
    expect((await store.read(name))?.session).toMatchObject({ userId: '@bot:localhost', deviceId: 'REAL' });
  });

  it('writes nothing where nothing is new, and nothing about a token that was replaced', async () => {
    const { store, keeper } = await restored();
    const broken = faulty(store);
    const other = keeperOn(broken.store);
    await other.restore(undefined, 0);
    broken.faults.push({ at: 'start', permanent: true });
    await other.identify(1, '@bot:localhost', 'DEV');
    await other.identify(2, '@other:localhost', 'OTHER');
    expect(broken.faults).toHaveLength(1);
    expect(keeper.current?.userId).toBe('@bot:localhost');
  });
});

describe('adoptNewer and watch', () => {
  it('takes only what is newer', async () => {
    const { store, keeper } = await restored();
    expect(await keeper.adoptNewer()).toBeUndefined();
    await keeperOn(store).rotate(1, exchanges(granted(2)).exchange);
    expect(await keeper.adoptNewer()).toMatchObject({ generation: 2 });
    expect(keeper.current?.generation).toBe(2);
    expect(await keeper.adoptNewer()).toBeUndefined();
  });

  it('watch tells of a newer session once, of trouble, and ends', async () => {
    const { store } = await restored();
    let changed = () => {};
    let ended = false;
    let failing = false;
    const watched: SessionStore = {
      ...store,
      read: (of) => (failing ? Promise.reject(new Error('away')) : store.read(of)),
      watch: (_, listener) => {
        changed = listener;
        return () => {
          ended = true;
        };
      },
    };
    const keeper = keeperOn(watched);
    await keeper.restore(undefined, 0);
    const told: unknown[] = [];
    let next = Promise.withResolvers<void>();
    const tell = (what: unknown) => {
      told.push(what);
      next.resolve();
    };
    const unwatch = keeper.watch(
      ({ generation }) => tell(generation),
      (error) => tell(String(error)),
    );
    await keeperOn(store).rotate(1, exchanges(granted(2)).exchange);
    changed();
    await next.promise;
    next = Promise.withResolvers();
    changed();
    failing = true;
    changed();
    await next.promise;
    expect(told).toEqual([2, 'Error: away']);
    unwatch();
    expect(ended).toBe(true);
  });

  it('a store that tells of our own write before its commit has returned: nothing is adopted', async () => {
    const { store } = await restored();
    let beforeReturn = async () => {};
    const keeper = keeperOn({
      ...store,
      transact: async (of, work) => {
        const result = await store.transact(of, work);
        await beforeReturn();
        return result;
      },
    });
    await keeper.restore(undefined, 0);
    let seen: unknown[] = [];
    beforeReturn = async () => {
      expect((await tokensOf(store)).generation).toBe(2);
      seen = [await keeper.adoptNewer(), keeper.current?.generation];
    };
    const result = await keeper.rotate(1, exchanges(granted(2)).exchange);
    expect(seen).toEqual([undefined, 1]);
    expect(result).toMatchObject({ kind: 'renewed', session: { generation: 2 } });
    expect(keeper.current?.generation).toBe(2);
  });

  it('a store that tells of what another wrote after us, before our commit has returned: that is adopted', async () => {
    const { store } = await restored();
    let beforeReturn = async () => {};
    const keeper = keeperOn({
      ...store,
      transact: async (of, work) => {
        const result = await store.transact(of, work);
        await beforeReturn();
        return result;
      },
    });
    await keeper.restore(undefined, 0);
    beforeReturn = async () => {
      await keeperOn(store).rotate(2, exchanges(granted(3)).exchange);
      expect(await keeper.adoptNewer()).toMatchObject({ generation: 3 });
    };
    const result = await keeper.rotate(1, exchanges(granted(2)).exchange);
    expect(result).toMatchObject({ kind: 'adopted', session: { generation: 3 } });
    expect(keeper.current?.generation).toBe(3);
  });

  it('a store that cannot watch is no trouble', () => {
    keeperOn(memorySessions()).watch(
      () => {},
      () => {},
    )();
  });
});

describe('settled', () => {
  it('waits for an exchange that is under way, and for its writing', async () => {
    const { store, keeper } = await restored();
    const answer = Promise.withResolvers<Answer<TokenGrant>>();
    const sent = Promise.withResolvers<void>();
    const rotation = keeper.rotate(1, () => {
      sent.resolve();
      return answer.promise;
    });
    await sent.promise;
    let done = false;
    const settled = keeper.settled().then(() => {
      done = true;
    });
    await store.read(name);
    expect(done).toBe(false);
    answer.resolve(granted(2));
    await settled;
    expect((await tokensOf(store)).generation).toBe(2);
    await rotation;
  });

  it('waits for a login that is between its booking and its request', async () => {
    const keeper = keeperOn(memorySessions());
    let settled = false;
    let sentAfterwards = false;
    const login = keeper.logIn(0, { otherwise: 'DEV' }, async () => {
      sentAfterwards = settled;
      return granted(1);
    });
    await keeper.settled();
    settled = true;
    await login;
    expect(sentAfterwards).toBe(false);
  });

  it('resolves after a failure, too', async () => {
    const broken = faulty(memorySessions());
    broken.faults.push({ at: 'start', permanent: false });
    const keeper = keeperOn(broken.store);
    const result = keeper.rotate(1, exchanges().exchange);
    await keeper.settled();
    expect(await result).toMatchObject({ kind: 'trouble' });
  });
});

it('remembers its tokens of the recent past, and not those of all time', async () => {
  const { keeper } = await restored();
  for (let generation = 1; generation < 50; generation += 1) {
    await keeper.rotate(generation, exchanges(granted(generation + 1)).exchange);
  }
  const ours = (n: number) => keeper.isOurs(new Secret(`access-${n}`).fingerprint());
  expect([ours(50), ours(49), ours(30), ours(1)]).toEqual([true, true, true, false]);
});

it('shows no secret, however it is printed', async () => {
  const canaries = ['canary-at-Keeper01', 'canary-rt-Keeper01', 'canary-rt-Keeper00'];
  const keeper = keeperOn(
    await storeWith({
      session: session(1, {
        accessToken: new Secret('canary-at-Keeper01'),
        refreshToken: new Secret('canary-rt-Keeper01'),
        previous: new Secret('canary-rt-Keeper00'),
      }),
    }),
  );
  await keeper.restore(undefined, 0);
  const result = await keeper.rotate(0, exchanges().exchange);
  const printed = [keeper, result, keeper.current]
    .flatMap((one) => [inspect(one, { depth: null, showHidden: true }), JSON.stringify(one)])
    .join();
  expect(canaries.some((canary) => printed.includes(canary))).toBe(false);
});
