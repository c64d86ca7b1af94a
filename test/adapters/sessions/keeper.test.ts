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
  restored,
  session,
  storeWith,
  tokensOf,
  nobody,
  interruptible,
  whoamiRefuses,
  whoamiSays,
} from './keeper-fixtures.ts';

describe('restore', () => {
  const given: Credentials = {
    accessToken: new Secret('given-1'),
    refreshToken: new Secret('given-refresh-1'),
    deviceId: 'GIVEN',
  };

  /** A keeper that started with a given token, which the homeserver has confirmed. */
  async function started(store: SessionStore, credentials = given) {
    const keeper = keeperOn(store);
    await keeper.restore(credentials, nobody);
    await keeper.identify(1, '@bot:localhost', 'GIVEN');
    return keeper;
  }

  it('nothing', async () => {
    const keeper = keeperOn(memorySessions());
    const login = { username: 'bot', password: new Secret('pw') };
    expect(await keeper.restore({ login }, nobody)).toEqual({ session: undefined });
    expect(keeper.current).toBeUndefined();
  });

  it('the stored session', async () => {
    const { keeper } = await restored();
    expect(keeper.current?.accessToken.reveal()).toBe('access-1');
  });

  it('the given token where there is nothing yet; it is stored when the homeserver has confirmed it', async () => {
    const store = memorySessions();
    const keeper = keeperOn(store);
    const { session: found } = await keeper.restore(given, nobody);
    expect(found).toMatchObject({ generation: 1, deviceId: 'GIVEN' });
    expect(await store.list()).toEqual([]);
    await keeper.identify(1, '@bot:localhost', 'REAL');
    expect(await tokensOf(store)).toMatchObject({ access: 'given-1', refresh: 'given-refresh-1' });
    expect((await store.read(name, 'session'))?.session).toMatchObject({ deviceId: 'REAL' });
  });

  it('the given token where there is nothing yet; a renewal before anybody confirmed it is stored, too', async () => {
    const store = memorySessions();
    const keeper = keeperOn(store);
    await keeper.restore(given, nobody);
    await keeper.rotate(1, exchanges(granted(2)).exchange);
    expect(await tokensOf(store)).toMatchObject({ generation: 2, access: 'access-2' });
    expect((await keeperOn(store).restore(given, nobody)).session).toMatchObject({ generation: 2 });
  });

  it('the renewed session, although the environment still has the old token: it is taken once', async () => {
    const store = memorySessions();
    const first = await started(store);
    await first.rotate(1, exchanges(granted(2)).exchange);
    const second = keeperOn(store);
    await second.restore(given, nobody);
    expect(second.current).toMatchObject({ generation: 2 });
    expect(second.current?.accessToken.reveal()).toBe('access-2');
  });

  it('the given token where it is another than the one before; what belonged to the old one goes', async () => {
    const store = memorySessions();
    await started(store);
    const second = keeperOn(store);
    await second.restore({ accessToken: new Secret('given-2') }, whoamiSays('@bot:localhost', 'NEW'));
    expect(second.current).toEqual({
      userId: '@bot:localhost',
      deviceId: 'NEW',
      generation: 2,
      accessToken: second.current?.accessToken,
      obtainedAt: second.current?.obtainedAt,
    });
    expect(second.current?.accessToken.reveal()).toBe('given-2');
    expect(await tokensOf(store)).toMatchObject({ generation: 2, access: 'given-2' });
  });

  it.each([
    ['nobody can be asked', whoamiRefuses({ status: 0, trouble: 'unreachable' }), { tokenGiven: true }],
    ['it is refused', whoamiRefuses({ status: 401, errcode: 'M_UNKNOWN_TOKEN' }), { given: 'refused' }],
    ["it is somebody else's", whoamiSays('@other:localhost', 'NEW'), { given: 'someone-else' }],
  ] as const)('the stored session, where %s: the given token costs nothing', async (_, whoami, more) => {
    const store = memorySessions();
    await started(store);
    const second = keeperOn(store);
    const other = { accessToken: new Secret('given-2') };
    expect(await second.restore(other, whoami)).toEqual({ session: second.current, ...more });
    expect(second.current?.accessToken.reveal()).toBe('given-1');
    expect(await tokensOf(store)).toMatchObject({ generation: 1, access: 'given-1' });
    // A mistake is told at each start, until it is mended.
    expect(await keeperOn(store).restore(other, whoami)).toMatchObject(more);
  });

  it('of two replicas with different tokens takes each once', async () => {
    const store = memorySessions();
    await started(store);
    const other = { accessToken: new Secret('given-2') };
    await keeperOn(store).restore(other, whoamiSays('@bot:localhost', 'NEW'));
    expect((await keeperOn(store).restore(given, nobody)).session?.generation).toBe(2);
    expect((await keeperOn(store).restore(other, nobody)).session?.generation).toBe(2);
  });

  it('of several that ask at once about the same token takes it once', async () => {
    const store = memorySessions();
    await started(store);
    const other = { accessToken: new Secret('given-2') };
    const all = await Promise.all(
      Array.from({ length: 20 }, () => keeperOn(store).restore(other, whoamiSays('@bot:localhost', 'NEW'))),
    );
    expect(new Set(all.map(({ session: one }) => one?.generation))).toEqual(new Set([2]));
  });

  it('a token that an older version has taken is not tried again', async () => {
    const taken = [new Secret('given-0'), new Secret('given-1')].map((one) => one.fingerprint()).join(',');
    const store = await storeWith({ given: taken, session: session(3) });
    expect((await keeperOn(store).restore(given, nobody)).session?.generation).toBe(3);
  });

  it('the renewed session waits for nobody: it is only read', async () => {
    const store = memorySessions();
    await started(store);
    const broken = faulty(store);
    broken.faults.push({ at: 'start', permanent: false });
    expect((await keeperOn(broken.store).restore(given, nobody)).session).toMatchObject({ generation: 1 });
    expect(broken.faults).toHaveLength(1);
  });

  it('the given token beside what else is stored, which stays', async () => {
    const store = await storeWith({ deviceId: 'FIRST' });
    await started(store, { accessToken: new Secret('given-1') });
    const record = await store.read(name, 'session');
    expect(record).toMatchObject({ deviceId: 'FIRST', given: new Secret('given-1').fingerprint() });
    expect(record?.session).toMatchObject({ generation: 1, accessToken: new Secret('given-1') });
  });

  it('of twenty holders at once takes it once', async () => {
    const store = memorySessions();
    const sessions = await Promise.all(
      Array.from({ length: 20 }, async () => (await started(store)).current),
    );
    expect(new Set(sessions.map((one) => one?.generation))).toEqual(new Set([1]));
  });

  it('throws what the store throws', async () => {
    const broken = interruptible(memorySessions());
    broken.away();
    await expect(keeperOn(broken.store).restore(given, nobody)).rejects.toThrow(SessionStoreError);
  });
});

describe('the position', () => {
  it('is kept beside the session', async () => {
    const { store, keeper } = await restored();
    expect((await keeper.position.open())?.since).toBeUndefined();
    keeper.position.save('s1');
    expect((await keeper.position.open())?.since).toBe('s1');
    expect((await keeperOn(store).position.open())?.since).toBe('s1');
    expect((await tokensOf(store)).generation).toBe(1);
  });

  it('may be kept where there is nothing yet', async () => {
    const keeper = keeperOn(memorySessions());
    expect(await keeper.position.open()).toBeUndefined();
    keeper.position.save('s1');
    expect((await keeper.position.open())?.since).toBe('s1');
  });

  it('is one of an interrupted process, unless that has said that it came to its end', async () => {
    const store = memorySessions();
    const first = keeperOn(store);
    await first.position.begin('s1');
    expect(await keeperOn(store).position.open()).toEqual({ since: 's1', interrupted: true });
    first.position.save('s2');
    await first.position.close();
    const second = keeperOn(store);
    expect(await second.position.open()).toEqual({ since: 's2', interrupted: false });
    // It was killed before it had handled anything.
    const third = keeperOn(store);
    expect(await third.position.open()).toEqual({ since: 's2', interrupted: true });
    await third.position.close();
    expect(await keeperOn(store).position.open()).toEqual({ since: 's2', interrupted: false });
  });

  it('is not closed by a process that another has overtaken, or that never went on from it', async () => {
    const store = memorySessions();
    const [slow, fast, idle] = [keeperOn(store), keeperOn(store), keeperOn(store)];
    await slow.position.begin('s1');
    await fast.position.open();
    fast.position.save('s2');
    await Promise.all([slow.position.close(), idle.position.close()]);
    expect(await keeperOn(store).position.open()).toEqual({ since: 's2', interrupted: true });
  });

  it('that could not be written last is not closed', async () => {
    const { store, away, back } = interruptible(memorySessions());
    const keeper = keeperOn(store);
    await keeper.position.begin('s1');
    away();
    keeper.position.save('s2');
    await keeper.position.close();
    back();
    expect(await keeperOn(store).position.open()).toEqual({ since: 's1', interrupted: true });
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
    await store.read(name, 'session');
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
  await keeper.restore({}, nobody);
  const result = await keeper.rotate(0, exchanges().exchange);
  const printed = [keeper, result, keeper.current]
    .flatMap((one) => [inspect(one, { depth: null, showHidden: true }), JSON.stringify(one)])
    .join();
  expect(canaries.some((canary) => printed.includes(canary))).toBe(false);
});
