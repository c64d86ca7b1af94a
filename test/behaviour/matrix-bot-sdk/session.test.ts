import { expect, it, vi } from 'vitest';
import { credentials } from '../../../src/index.ts';
import { describeOnBoth, freshUser } from '../../support/both.ts';
import { botSdks, makeSdkBot, type Sdk } from '../../support/bot-sdk.ts';
import { rounds } from '../../support/long.ts';
import { Person } from '../../support/rest.ts';
import { lengthened } from '../../support/slowness.ts';

/** In `npm test` the fork is left out where nothing of it differs. */
const someSdks = rounds<readonly Sdk[]>({ short: botSdks.slice(0, 1), long: botSdks });

/** Past the end of the token's life, so that its expiry is met as a refusal. */
const reactive = { refreshAfter: 100, expiryMarginMs: -60_000 };

describeOnBoth(
  'a session of matrix-bot-sdk',
  {
    accessTokenLifetimeMs: lengthened(1_500),
    nonRefreshableLifetimeMs: lengthened(1_500),
    testTimeoutMs: 120_000,
  },
  ({ homeserver, proxy }) => {
    async function together() {
      const [user, aliceUser] = [await freshUser(homeserver()), await freshUser(homeserver())];
      const alice = await Person.signIn(homeserver().url, aliceUser);
      const roomId = await alice.createRoom([user.userId]);
      return { user, alice, roomId };
    }
    const unhandled = () => {
      const found: unknown[] = [];
      const note = (error: unknown) => void found.push(error);
      process.on('unhandledRejection', note);
      return { found, end: () => process.off('unhandledRejection', note) };
    };

    it.each(botSdks)('$name, with a password only: it stays signed in, and misses nothing', async (sdk) => {
      const { user, alice, roomId } = await together();
      const bot = makeSdkBot(sdk, {
        homeserver: proxy().url,
        credentials: credentials({ username: user.localpart, password: user.password }),
        schedule: reactive,
      });
      const client = await bot.auth.start();
      await client.joinRoom(roomId);
      const first = bot.auth.snapshot().generation ?? 0;
      const said: string[] = [];
      while ((bot.auth.snapshot().generation ?? 0) < first + 3) {
        said.push(`message ${said.length}`);
        await alice.say(roomId, said.at(-1) as string);
        await bot.handles(said.length);
        expect(await client.sendText(roomId, `answer ${said.length}`)).toMatch(/^\$/);
      }
      expect(bot.handled.map(({ text }) => text)).toEqual(said);
      expect(bot.clients).toBe(1);
      expect(client.accessToken).toBe(await bot.auth.accessToken());
      expect(proxy().count({ path: '/login' })).toBe(1);
      expect(proxy().count({ path: '/refresh' })).toBe((bot.auth.snapshot().generation ?? 0) - 1);
    });

    it.each(someSdks)(
      '$name, with a token only: it ends with the token, and says what to do',
      async (sdk) => {
        const user = await freshUser(homeserver());
        const { tokens } = await Person.signIn(homeserver().url, user);
        const bot = makeSdkBot(sdk, {
          homeserver: proxy().url,
          credentials: credentials({ accessToken: tokens.access_token }),
        });
        await bot.auth.start();
        await bot.reaches('failed');
        expect(bot.auth.snapshot()).toMatchObject({ state: 'failed', reason: 'token-refused' });
        expect(bot.log.join()).toContain('ACCESS_TOKEN');
        const asked = proxy().count({ path: '/sync' });
        await expect(bot.auth.client?.getJoinedRooms()).rejects.toThrow('token-refused');
        expect(proxy().count({ path: '/sync' })).toBe(asked);
      },
    );

    it.each(someSdks)('$name, with both: it uses the token first, and then logs in', async (sdk) => {
      const { user, alice, roomId } = await together();
      const { tokens } = await Person.signIn(homeserver().url, user, { deviceId: 'BOT' });
      const bot = makeSdkBot(sdk, {
        homeserver: proxy().url,
        credentials: credentials({
          accessToken: tokens.access_token,
          username: user.localpart,
          password: user.password,
        }),
      });
      const client = await bot.auth.start();
      await client.joinRoom(roomId);
      expect(proxy().count({ path: '/login' })).toBe(0);
      await vi.waitFor(() => expect(bot.auth.snapshot().generation).toBeGreaterThan(1), 30_000);
      await alice.say(roomId, 'after the login');
      await bot.handles(1);
      expect(proxy().count({ path: '/login' })).toBe(1);
      expect(await homeserver().devices(user.userId)).toEqual(['BOT']);
      expect(bot.auth.client).toBe(client);
    });

    it.each(someSdks)('$name, its refresh token refused: one login, on the same device', async (sdk) => {
      const { user, alice, roomId } = await together();
      const rejections = unhandled();
      const bot = makeSdkBot(sdk, {
        homeserver: proxy().url,
        credentials: credentials({ username: user.localpart, password: user.password }),
      });
      const client = await bot.auth.start();
      await client.joinRoom(roomId);
      const [device = ''] = await homeserver().devices(user.userId);
      await homeserver().deleteDevice(user.userId, device);
      await alice.say(roomId, 'still there?');
      await bot.handles(1);
      expect(bot.handled.map(({ text }) => text)).toEqual(['still there?']);
      expect(proxy().count({ path: '/login' })).toBe(2);
      expect(await homeserver().devices(user.userId)).toEqual([device]);
      expect(bot.clients).toBe(1);
      await bot.auth.stop();
      rejections.end();
      expect(rejections.found).toEqual([]);
    });
  },
);
