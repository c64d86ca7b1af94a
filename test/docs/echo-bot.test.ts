import { expect, onTestFinished, test, vi } from 'vitest';
import { startFaultProxy, startTestHomeserver } from '../../src/testing/index.ts';
import { canaryPassword } from '../support/both.ts';
import { Person } from '../support/rest.ts';

/** A slow machine is no failure. */
const patience = { timeoutMs: 50_000 };

test('the echo bot of the README answers across the expiry of its token', async () => {
  const [bot, carol] = ['bot', 'carol'].map((localpart) => ({ localpart, password: canaryPassword() }));
  if (bot === undefined || carol === undefined) throw new Error('There are two accounts.');
  const homeserver = await startTestHomeserver({ accessTokenLifetimeMs: 2_000, users: [bot, carol] });
  onTestFinished(() => homeserver.stop());
  const proxy = await startFaultProxy({ target: homeserver.url });
  onTestFinished(() => proxy.stop());
  const speaker = await Person.signIn(homeserver.url, carol);
  const room = await speaker.createRoom();
  await (await Person.signIn(homeserver.url, bot)).join(room);
  const answered = (count: number) =>
    proxy.waitFor(
      ({ method, path, status }) =>
        method === 'PUT' && path.includes('/send/m.room.message/') && status === 200,
      { ...patience, count },
    );

  const stop = await startExample({
    HOMESERVER_URL: proxy.url,
    ACCESS_TOKEN: '',
    MATRIX_USERNAME: bot.localpart,
    MATRIX_PASSWORD: bot.password,
  });
  await speaker.say(room, 'one');
  await answered(1);
  // The second refresh comes after the first token's end.
  await proxy.waitFor({ path: '/refresh' }, { ...patience, count: 2 });
  await speaker.say(room, 'two');
  const [, last] = await answered(2);
  // It has had the answer to its last request by then.
  await proxy.waitFor(({ path, at }) => path.endsWith('/sync') && at >= (last?.finishedAt ?? 0), {
    ...patience,
    phase: 'start',
  });
  stop();

  expect(await noticesIn(homeserver.url, room, speaker.tokens.access_token)).toEqual([
    'You said: one',
    'You said: two',
  ]);
  expect(proxy.requests.filter(({ status }) => status === 401)).toEqual([]);
  expect(proxy.count({ path: '/login' })).toBe(1);
});

/** Runs the file as it is printed. Resolves when the bot is signed in, with what SIGTERM would do. */
async function startExample(env: Readonly<Record<string, string>>): Promise<() => void> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  // The SDK tells the console what it does; that is not what is tested.
  for (const method of ['debug', 'info', 'log', 'warn'] as const)
    vi.spyOn(console, method).mockReturnValue(undefined);
  onTestFinished(() => void vi.restoreAllMocks());
  const before = process.listeners('SIGTERM');
  await import('../../docs/examples/echo-bot.ts');
  const [handler] = process.listeners('SIGTERM').filter((listener) => !before.includes(listener));
  if (handler === undefined) throw new Error('The example has no handler for SIGTERM.');
  process.off('SIGTERM', handler);
  return () => handler('SIGTERM');
}

async function noticesIn(url: string, roomId: string, token: string): Promise<string[]> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=50`;
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const { chunk } = (await response.json()) as { chunk: { content: { msgtype?: string; body: string } }[] };
  return chunk
    .filter(({ content }) => content.msgtype === 'm.notice')
    .map(({ content }) => content.body)
    .toReversed();
}
