import { expect, it } from 'vitest';
import { AuthFailedError, credentials } from '../../src/index.ts';
import { canaryPassword, describeOnBoth, freshUser } from '../support/both.ts';
import { makeBot } from '../support/bot.ts';
import { Person } from '../support/rest.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describeOnBoth(
  'a session that only a person can mend',
  { accessTokenLifetimeMs: 1_500 },
  ({ homeserver, proxy }) => {
    it('wrong password: failed after one attempt, and well again with the right one', async () => {
      const user = await freshUser(homeserver());
      const bot = makeBot({
        homeserver: proxy().url,
        credentials: credentials({ username: user.localpart, password: canaryPassword() }),
        schedule: { backoffMinMs: 50 },
      });
      const failure = await bot.auth.start().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(AuthFailedError);
      expect(failure).toMatchObject({
        reason: 'login-refused',
        advice: expect.stringContaining('MATRIX_PASSWORD'),
      });
      expect(bot.log).toEqual([expect.stringContaining('MATRIX_PASSWORD')]);
      await expect(bot.auth.fetch(`${proxy().url}/_matrix/client/v3/joined_rooms`)).rejects.toThrow(
        AuthFailedError,
      );
      expect(proxy().requests).toHaveLength(1);

      bot.auth.provideCredentials({ username: user.localpart, password: user.password });
      await bot.reaches('valid');
      expect(proxy().count({ path: '/login' })).toBe(2);
      expect(bot.auth.client?.getUserId()).toBe(user.userId);
    });

    it('retry asks once more, and start() after a failure does the same', async () => {
      const user = await freshUser(homeserver());
      const bot = makeBot({
        homeserver: proxy().url,
        credentials: credentials({ username: user.localpart, password: user.password }),
      });
      proxy().inject({
        match: { path: '/login' },
        fault: { kind: 'answer', status: 403, body: { errcode: 'M_FORBIDDEN' } },
      });
      await expect(bot.auth.start()).rejects.toMatchObject({ reason: 'login-refused' });
      const client = await bot.auth.start();
      expect(client.getUserId()).toBe(user.userId);
      expect(proxy().count({ path: '/login' })).toBe(2);
    });

    it('ACCESS_TOKEN alone: one whoami more than without this module; failed with advice when it is refused', async () => {
      const user = await freshUser(homeserver());
      const { tokens } = await Person.signIn(homeserver().url, user);
      const bot = makeBot({
        homeserver: proxy().url,
        credentials: credentials({ accessToken: tokens.access_token }),
      });
      const client = await bot.auth.start();
      expect(client.getUserId()).toBe(user.userId);
      expect(proxy().requests[0]?.path).toMatch(/\/account\/whoami$/);
      expect(proxy().count({ path: '/login' }) + proxy().count({ path: '/refresh' })).toBe(0);
      expect(proxy().count({ path: '/account/whoami' })).toBe(1);

      const refused = bot.reaches('failed', bot.states.length);
      await homeserver().deleteDevice(user.userId, tokens.device_id);
      // Whoever comes first is refused by the homeserver, the others by the session.
      const answer = await bot.auth
        .fetch(`${proxy().url}/_matrix/client/v3/joined_rooms`)
        .catch((error: unknown) => error);
      if (answer instanceof Response)
        expect(await answer.json()).toMatchObject({ errcode: 'M_UNKNOWN_TOKEN' });
      else expect(answer).toMatchObject({ reason: 'token-refused' });
      const { reason, advice } = await refused;
      expect(reason).toBe('token-refused');
      expect(advice).toContain('MATRIX_USERNAME and MATRIX_PASSWORD');
      expect(bot.log).toHaveLength(1);
      expect(bot.clients).toBe(1);

      bot.auth.provideCredentials({ username: user.localpart, password: user.password });
      await bot.reaches('valid');
      expect(bot.clients).toBe(2);
    });

    it('deactivated: failed, and at most five requests in the ten seconds after', async () => {
      const user = await freshUser(homeserver());
      const bot = makeBot({
        homeserver: proxy().url,
        credentials: credentials({ username: user.localpart, password: user.password }),
      });
      await bot.auth.start();
      await homeserver().deactivate(user.userId);
      await bot.reaches('failed');
      const before = proxy().requests.length;
      await pause(10_000);
      expect(proxy().requests.length - before).toBeLessThanOrEqual(5);
      expect(proxy().count({ path: '/login' })).toBeLessThanOrEqual(2);
    });

    it('the bot’s own set-up throws: start() rejects with what it threw, and nothing runs', async () => {
      const user = await freshUser(homeserver());
      const { matrixJsSdk } = await import('../../src/adapters/matrix-js-sdk/index.ts');
      const { createMatrixAuth } = await import('../../src/index.ts');
      const { quietLogger } = await import('../support/bot.ts');
      const log: string[] = [];
      const auth = createMatrixAuth({
        homeserver: proxy().url,
        credentials: credentials({ username: user.localpart, password: user.password }),
        logger: { warn: (line) => log.push(line), error: (line) => log.push(line) },
        client: matrixJsSdk({
          create: { logger: quietLogger },
          onClient: () => {
            throw new Error('a bug in the bot');
          },
        }),
      });
      await expect(auth.start()).rejects.toMatchObject({
        reason: 'client-failed',
        cause: expect.objectContaining({ message: 'a bug in the bot' }),
      });
      await auth.stop();
      expect(log).toEqual([expect.stringContaining('a bug in the bot')]);
    });
  },
);
