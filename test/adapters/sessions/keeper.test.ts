import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { memorySessions } from '../../../src/adapters/sessions/index.ts';
import {
  type Answer,
  type Credentials,
  Secret,
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
} from './keeper-fixtures.ts';

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

  it('the renewed session waits for nobody: it is only read', async () => {
    const store = memorySessions();
    await keeperOn(store).restore(given, 0);
    const broken = faulty(store);
    broken.faults.push({ at: 'start', permanent: false });
    expect(await keeperOn(broken.store).restore(given, 0)).toMatchObject({ generation: 1 });
    expect(broken.faults).toHaveLength(1);
  });

  it('the given token beside what else is stored, which stays', async () => {
    const store = await storeWith({ deviceId: 'FIRST', position: 's1' });
    await keeperOn(store).restore({ accessToken: new Secret('given-1') }, 7);
    expect(await store.read(name)).toStrictEqual({
      deviceId: 'FIRST',
      position: 's1',
      given: new Secret('given-1').fingerprint(),
      session: { generation: 1, accessToken: new Secret('given-1'), obtainedAt: 7 },
    });
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

describe('the position', () => {
  it('is kept beside the session', async () => {
    const { store, keeper } = await restored();
    expect(await keeper.position()).toBeUndefined();
    await keeper.savePosition('s1');
    expect(await keeper.position()).toBe('s1');
    expect(await keeperOn(store).position()).toBe('s1');
    expect((await tokensOf(store)).generation).toBe(1);
  });

  it('may be kept where there is nothing yet', async () => {
    const keeper = keeperOn(memorySessions());
    expect(await keeper.position()).toBeUndefined();
    await keeper.savePosition('s1');
    expect(await keeper.position()).toBe('s1');
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
