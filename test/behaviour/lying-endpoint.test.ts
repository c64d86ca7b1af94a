import { expect, it } from 'vitest';
import { credentials } from '../../src/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { makeBot } from '../support/bot.ts';
import { Person } from '../support/rest.ts';

const refusal = { errcode: 'M_UNKNOWN_TOKEN', error: 'no', soft_logout: false };

describeOnBoth(
  'one endpoint refuses a token that the homeserver takes elsewhere',
  { accessTokenLifetimeMs: 60_000 },
  ({ homeserver, proxy }) => {
    async function startedBot(refreshable: boolean) {
      const user = await freshUser(homeserver());
      const { tokens } = await Person.signIn(homeserver().url, user, { deviceId: 'BOT' });
      const bot = makeBot({
        homeserver: proxy().url,
        credentials: refreshable
          ? credentials({ username: user.localpart, password: user.password })
          : credentials({ accessToken: tokens.access_token }),
      });
      await bot.auth.start();
      proxy().inject({
        match: { path: '/voip/turnServer' },
        fault: { kind: 'answer', status: 401, body: refusal },
        times: 100,
      });
      const ask = async () => {
        const response = await bot.auth.fetch(`${proxy().url}/_matrix/client/v3/voip/turnServer`);
        return [response.status, ((await response.json()) as { errcode: string }).errcode];
      };
      return { bot, user, ask };
    }

    it('with a token and nothing else: the caller gets the refusal, and the session goes on', async () => {
      const { bot, ask } = await startedBot(false);
      for (let count = 0; count < 5; count += 1) expect(await ask()).toEqual([401, 'M_UNKNOWN_TOKEN']);
      expect(bot.auth.snapshot().state).toBe('valid');
      expect((await bot.auth.fetch(`${proxy().url}/_matrix/client/v3/account/whoami`)).status).toBe(200);
      expect(bot.log.filter((line) => line.includes('turnServer'))).toHaveLength(1);
      expect(bot.sdkErrors).toEqual([]);
    });

    it('with a refresh token: that costs one refresh, and no login', async () => {
      const { bot, ask } = await startedBot(true);
      for (let count = 0; count < 5; count += 1) expect(await ask()).toEqual([401, 'M_UNKNOWN_TOKEN']);
      expect(proxy().count({ path: '/refresh' })).toBe(1);
      expect(proxy().count({ path: '/login' })).toBe(1);
      expect(bot.auth.snapshot().state).toBe('valid');
      expect(bot.log.filter((line) => line.includes('turnServer'))).toHaveLength(1);
    });

    it('no other request waits for it', async () => {
      const { bot, ask } = await startedBot(false);
      const held = proxy().inject({
        match: { path: '/account/whoami' },
        fault: { kind: 'delay', delayMs: 1_000 },
        times: 1,
      });
      const refused = ask();
      await held.hit;
      expect((await bot.auth.fetch(`${proxy().url}/_matrix/client/v3/joined_rooms`)).status).toBe(200);
      expect(await refused).toEqual([401, 'M_UNKNOWN_TOKEN']);
    });
  },
);
