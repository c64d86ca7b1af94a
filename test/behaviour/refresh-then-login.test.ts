import { expect, it } from 'vitest';
import { credentials } from '../../src/index.ts';
import { fingerprintOf } from '../../src/ports/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { makeBot } from '../support/bot.ts';
import { Person } from '../support/rest.ts';
import { lengthened } from '../support/slowness.ts';

const lifetimeMs = lengthened(1_500);

describeOnBoth(
  'the refresh token is refused',
  { accessTokenLifetimeMs: lifetimeMs },
  ({ homeserver, proxy }) => {
    async function startedBot() {
      const user = await freshUser(homeserver());
      const bot = makeBot({
        homeserver: proxy().url,
        credentials: credentials({ username: `@${user.localpart}`, password: user.password }),
      });
      const client = await bot.auth.start();
      return { bot, user, deviceId: client.getDeviceId() };
    }

    it.each([
      { status: 401, errcode: 'M_UNKNOWN_TOKEN' },
      { status: 403, errcode: 'M_FORBIDDEN' },
    ])('with $status: one login on the same device', async ({ status, errcode }) => {
      const { bot, user, deviceId } = await startedBot();
      proxy().inject({
        match: { path: '/refresh' },
        fault: { kind: 'answer', status, body: { errcode, error: 'no' } },
      });
      const from = bot.states.length;
      await bot.reaches('refreshing', from);
      const { userId } = await bot.reaches('valid', from);
      expect(userId).toBe(user.userId);
      expect(proxy().count({ path: '/login' })).toBe(2);
      expect(await homeserver().devices(user.userId)).toEqual([deviceId]);
      expect(bot.clients).toBe(1);
      expect(bot.sdkErrors).toEqual([]);
      expect(bot.log.join()).toContain('refused the refresh token');
    });

    it('because the session was revoked long before its expiry: one login on the same device', async () => {
      const { bot, user, deviceId } = await startedBot();
      const aliceUser = await freshUser(homeserver());
      const alice = await Person.signIn(homeserver().url, aliceUser);
      const roomId = await alice.createRoom([user.userId]);
      await bot.auth.client?.joinRoom(roomId);
      const from = bot.states.length;
      await homeserver().deleteDevice(user.userId, deviceId ?? '');
      await alice.say(roomId, 'still there?');
      await bot.reaches('refreshing', from);
      await bot.reaches('valid', from);
      await bot.handles(1);
      expect(proxy().count({ path: '/login' })).toBe(2);
      expect(await homeserver().devices(user.userId)).toEqual([deviceId]);
      expect(bot.sdkErrors).toEqual([]);
    });
  },
);

describeOnBoth(
  'a server without refresh tokens',
  { accessTokenLifetimeMs: null, nonRefreshableLifetimeMs: lifetimeMs },
  ({ homeserver, proxy }) => {
    it('logs in again when the token has run out, on the same device', async () => {
      const user = await freshUser(homeserver());
      const bot = makeBot({
        homeserver: proxy().url,
        credentials: credentials({ username: user.userId, password: user.password }),
        loginBudget: { burst: 10 },
      });
      await bot.auth.start();
      const { generation } = bot.auth.snapshot();
      while ((bot.auth.snapshot().generation ?? 0) < (generation ?? 0) + 2) {
        await bot.reaches('refreshing', bot.states.length);
        await bot.reaches('valid', bot.states.length - 1);
      }
      expect(proxy().count({ path: '/refresh' })).toBe(0);
      expect(proxy().count({ path: '/login' })).toBe(3);
      expect(await homeserver().devices(user.userId)).toHaveLength(1);
      expect(bot.sdkErrors).toEqual([]);
    });
  },
);

describeOnBoth('a token and a password', { accessTokenLifetimeMs: lifetimeMs }, ({ homeserver, proxy }) => {
  it('uses the token first, and the password when the token has died', async () => {
    const user = await freshUser(homeserver());
    const { tokens } = await Person.signIn(homeserver().url, user, { deviceId: 'ELEMENT' });
    const bot = makeBot({
      homeserver: proxy().url,
      credentials: credentials({
        accessToken: tokens.access_token,
        username: user.localpart,
        password: user.password,
      }),
    });
    await bot.auth.start();
    expect(proxy().count({ path: '/login' })).toBe(0);
    expect(bot.auth.snapshot().deviceId).toBe('ELEMENT');
    const from = bot.states.length;
    await homeserver().deleteDevice(user.userId, 'ELEMENT');
    await bot.reaches('refreshing.required', from);
    await bot.reaches('valid.scheduled', from);
    expect(proxy().count({ path: '/login' })).toBe(1);
    expect(await homeserver().devices(user.userId)).toEqual(['ELEMENT']);
    expect(bot.sdkErrors).toEqual([]);
  });

  it('says so when they are of two users, and sends nothing', async () => {
    const [user, other] = [await freshUser(homeserver()), await freshUser(homeserver())];
    const { access_token: token } = (await Person.signIn(homeserver().url, other)).tokens;
    const bot = makeBot({
      homeserver: proxy().url,
      credentials: credentials({
        accessToken: token,
        username: user.localpart,
        password: user.password,
      }),
    });
    await expect(bot.auth.start()).rejects.toMatchObject({
      name: 'AuthFailedError',
      reason: 'identity-mismatch',
    });
    const own = proxy().requests.filter(({ tokenFingerprint }) => tokenFingerprint === fingerprintOf(token));
    expect(own.map(({ path }) => path)).toEqual(['/_matrix/client/v3/account/whoami']);
    expect(proxy().count({ path: '/login' })).toBe(0);
  });
});
