import { MatrixError } from 'matrix-js-sdk';
import { expect, it } from 'vitest';
import { credentials } from '../../src/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { makeBot } from '../support/bot.ts';
import { Person } from '../support/rest.ts';
import { lengthened } from '../support/slowness.ts';

const lifetimeMs = lengthened(1_000);

describeOnBoth(
  'an answer that is not about the session',
  { accessTokenLifetimeMs: 60_000, messageRateLimit: { perSecond: 0.1, burst: 3 } },
  ({ homeserver, proxy }) => {
    async function startedBot() {
      const user = await freshUser(homeserver());
      const bot = makeBot({
        homeserver: proxy().url,
        credentials: credentials({ username: user.localpart, password: user.password }),
      });
      const client = await bot.auth.start();
      return { bot, client, user };
    }
    const authRequests = () => proxy().count({ path: '/refresh' }) + proxy().count({ path: '/login' });
    const refusalOf = (work: Promise<unknown>) =>
      work.then(
        () => 'no refusal',
        (error: MatrixError) => ({ status: error.httpStatus, errcode: error.errcode, data: error.data }),
      );

    it('M_FORBIDDEN from a room that the bot is not in', async () => {
      const { bot, client } = await startedBot();
      const alice = await Person.signIn(homeserver().url, await freshUser(homeserver()));
      const roomId = await alice.createRoom();
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/1`;
      const answer = await bot.auth.fetch(`${proxy().url}${path}`, { method: 'PUT', body: '{}' });
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ errcode: 'M_FORBIDDEN' });
      expect(await refusalOf(bot.auth.run(() => client.sendTextMessage(roomId, 'hello')))).toMatchObject({
        status: 403,
        errcode: 'M_FORBIDDEN',
      });
      expect(authRequests()).toBe(1);
      expect(bot.auth.snapshot().state).toBe('valid');
    });

    it('a 401 that asks for user-interactive authentication', async () => {
      const { bot, client } = await startedBot();
      const refusal = await refusalOf(bot.auth.run(() => client.deleteDevice(client.getDeviceId() ?? '')));
      expect(refusal).toMatchObject({ status: 401, data: { flows: expect.any(Array) } });
      expect(authRequests()).toBe(1);
      expect(bot.sdkErrors).toEqual([]);
    });

    it('M_USER_SUSPENDED', async () => {
      const { bot, client, user } = await startedBot();
      const { room_id: roomId } = await client.createRoom({});
      await homeserver().setSuspended(user.userId, true);
      expect(await refusalOf(client.sendTextMessage(roomId, 'hello'))).toMatchObject({
        status: 403,
        errcode: 'M_USER_SUSPENDED',
      });
      expect(authRequests()).toBe(1);
      expect(bot.auth.snapshot().state).toBe('valid');
    });

    it('429 on a send', async () => {
      const { bot, client } = await startedBot();
      const { room_id: roomId } = await client.createRoom({});
      const path = `${proxy().url}/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/`;
      const send = (txn: number) =>
        bot.auth.fetch(`${path}${txn}`, { method: 'PUT', body: '{"msgtype":"m.text","body":""}' });
      let answer = await send(0);
      for (let txn = 1; answer.status === 200 && txn < 20; txn += 1) answer = await send(txn);
      expect(answer.status).toBe(429);
      expect(await answer.json()).toMatchObject({
        errcode: 'M_LIMIT_EXCEEDED',
        retry_after_ms: expect.any(Number),
      });
      expect(authRequests()).toBe(1);
      expect(bot.auth.snapshot().state).toBe('valid');
    });

    it('M_MISSING_TOKEN: passed on, and said once in words that name the likely cause', async () => {
      const { bot } = await startedBot();
      const body = { errcode: 'M_MISSING_TOKEN', error: 'Missing access token' };
      proxy().inject({
        match: { path: '/joined_rooms' },
        times: 2,
        fault: { kind: 'answer', status: 401, body },
      });
      for (const _ of [1, 2]) {
        const answer = await bot.auth.fetch(`${proxy().url}/_matrix/client/v3/joined_rooms`);
        expect(answer.status).toBe(401);
        expect(await answer.json()).toEqual(body);
      }
      expect(bot.log).toEqual([expect.stringContaining('strips the Authorization header')]);
      expect(authRequests()).toBe(1);
      expect(bot.auth.snapshot().state).toBe('valid');
    });

    it('M_MISSING_TOKEN under withTokenRefresh: a client that had no token gets one, and runs again', async () => {
      const { bot, client } = await startedBot();
      client.setAccessToken('');
      const run = bot.auth.withTokenRefresh(async (path: string) => {
        const token = client.getAccessToken();
        const answer = await fetch(
          `${proxy().url}${path}`,
          token ? { headers: { authorization: `Bearer ${token}` } } : {},
        );
        if (!answer.ok) throw new MatrixError(await answer.json(), answer.status);
        return (await answer.json()) as { user_id: string };
      });
      expect(await run('/_matrix/client/v3/account/whoami')).toMatchObject({ user_id: client.getUserId() });
      expect(authRequests()).toBe(1);
    });
  },
);

describeOnBoth(
  'withTokenRefresh around a client of one’s own',
  { accessTokenLifetimeMs: lifetimeMs },
  ({ homeserver, proxy }) => {
    it('runs the function again with the new token when the old one has run out', async () => {
      const user = await freshUser(homeserver());
      const bot = makeBot({
        homeserver: proxy().url,
        credentials: credentials({ username: user.localpart, password: user.password }),
        schedule: { refreshAfter: 100, expiryMarginMs: -60_000 },
      });
      await bot.auth.start();
      const tokens: string[] = [];
      const whoami = bot.auth.withTokenRefresh(async () => {
        // As a bot does that asks for its token once, and keeps it until it is refused.
        tokens.push(await bot.auth.accessToken());
        const answer = await fetch(`${homeserver().url}/_matrix/client/v3/account/whoami`, {
          headers: { authorization: `Bearer ${tokens.at(-1)}` },
        });
        if (!answer.ok) throw new MatrixError(await answer.json(), answer.status);
        return ((await answer.json()) as { user_id: string }).user_id;
      });
      await new Promise((resolve) =>
        setTimeout(resolve, (bot.auth.snapshot().expiresAt ?? 0) - Date.now() + 500),
      );
      expect(await Promise.all([whoami(), whoami(), whoami()])).toEqual([
        user.userId,
        user.userId,
        user.userId,
      ]);
      expect(new Set(tokens).size).toBeGreaterThan(1);
      expect(proxy().count({ path: '/refresh' })).toBeLessThanOrEqual(2);
    });
  },
);
