import { expect, it } from 'vitest';
import { credentials } from '../../src/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { makeBot } from '../support/bot.ts';
import { Person } from '../support/rest.ts';

const refusal = { errcode: 'M_UNKNOWN_TOKEN', error: 'no', soft_logout: false };
const API = '/_matrix/client/v3';

describeOnBoth(
  'what refuses a token that the homeserver takes elsewhere',
  { accessTokenLifetimeMs: 60_000 },
  ({ homeserver, proxy }) => {
    async function startedBot() {
      const user = await freshUser(homeserver());
      const { tokens } = await Person.signIn(homeserver().url, user, { deviceId: 'BOT' });
      const bot = makeBot({
        homeserver: proxy().url,
        credentials: credentials({ accessToken: tokens.access_token }),
      });
      await bot.auth.start();
      const ask = async (path: string, method = 'GET', body?: object) =>
        (
          await bot.auth.fetch(`${proxy().url}${path}`, {
            method,
            ...(body && { body: JSON.stringify(body) }),
          })
        ).status;
      return { bot, user, ask };
    }
    const lie = (times = 1_000, path = /./, query = /./) =>
      proxy().inject({
        match: (request) => path.test(request.path) && query.test(JSON.stringify(request.query)),
        times,
        fault: { kind: 'answer', status: 401, body: refusal },
      });

    it.each([
      [
        'on behalf of another user',
        'GET',
        `${API}/joined_rooms?user_id=@someone:localhost`,
        /joined_rooms$/,
        /user_id/,
      ],
      ['a send to a room', 'PUT', `${API}/rooms/!a:localhost/send/m.room.message/t1`, /\/send\//, /./],
      ['the upload of keys', 'POST', `${API}/keys/upload`, /keys\/upload$/, /./],
    ])('%s: its callers get the refusal, and the session goes on', async (_, method, path, liar, query) => {
      const { bot, ask } = await startedBot();
      lie(1_000, liar, query);
      for (let count = 0; count < 3; count += 1)
        expect(await ask(path, method, method === 'GET' ? undefined : {})).toBe(401);
      expect(await ask(`${API}/joined_rooms`)).toBe(200);
      expect(bot.auth.snapshot().state).toBe('valid');
      expect(bot.log.filter((line) => line.includes('refuses a token'))).toHaveLength(1);
      expect(bot.sdkErrors).toEqual([]);
    });

    it('the sync, for a while: the bot goes on when it takes the token again, and no message is lost', async () => {
      const { bot, user, ask } = await startedBot();
      const alice = await Person.signIn(homeserver().url, await freshUser(homeserver()));
      const roomId = await alice.createRoom([user.userId]);
      await bot.auth.run((client) => client.joinRoom(roomId));
      const lying = lie(1_000, /\/sync$/);
      await lying.hit;
      expect(await ask(`${API}/joined_rooms`)).toBe(200);
      await alice.say(roomId, 'one');
      lying.remove();
      await bot.handles(1);
      expect(bot.handled.map(({ text }) => text)).toEqual(['one']);
      expect(bot.states.some(({ state }) => state === 'failed')).toBe(false);
      expect(await homeserver().devices(user.userId)).toEqual(['BOT']);
    });
  },
);
