import { waitFor } from 'xstate';
import { expect, test } from 'vitest';
import { type Homeserver, startBot } from '../../../docs/examples/bare-machine.ts';

const answer = (status: number, body: object) => new Response(JSON.stringify(body), { status });
const tokens = (expiresInMs: number) =>
  answer(200, { refresh_token: 'canary-rt-example', expires_in_ms: expiresInMs });
const whoami = async () => ({ userId: '@bot:example.org', deviceId: 'BOTDEVICE' });

test('the machine embedded in a bot of one’s own signs in, renews, and works', async () => {
  const requests: string[] = [];
  const homeserver: Homeserver = {
    async login() {
      requests.push('login');
      return tokens(3_600_000);
    },
    async refresh() {
      requests.push('refresh');
      return tokens(3_600_000);
    },
    whoami,
  };
  const bot = startBot(homeserver, () => requests.push('work'));
  await waitFor(bot, (snapshot) => snapshot.matches('working'));
  bot.getSnapshot().children.auth?.send({ type: 'refresh' });
  await waitFor(bot, (snapshot) => snapshot.matches('waiting'));
  await waitFor(bot, (snapshot) => snapshot.matches('working'));
  expect(requests).toEqual(['login', 'work', 'refresh', 'work']);
  bot.stop();
});

test('it tells when only a person can help', async () => {
  const homeserver: Homeserver = {
    login: async () => answer(403, { errcode: 'M_FORBIDDEN' }),
    refresh: async () => tokens(1),
    whoami,
  };
  const bot = startBot(homeserver, () => undefined);
  await waitFor(bot, (snapshot) => snapshot.matches('helpless'));
  expect(bot.getSnapshot().children.auth?.getSnapshot().context.failureReason).toBe('login-refused');
  bot.stop();
});
