import { describe, expect, it } from 'vitest';
import { credentials } from '../../src/index.ts';
import { makeAuth, PASSWORD, WHOAMI } from '../auth/make.ts';
import { Person } from '../support/rest.ts';

const unknownToken = {
  kind: 'answer',
  status: 401,
  body: { errcode: 'M_UNKNOWN_TOKEN', error: 'no' },
} as const;
const ROOMS = '/_matrix/client/v3/joined_rooms';

/** A bot with a token and nothing else to sign in with. */
async function botWithToken({ refreshToken }: { readonly refreshToken: boolean }) {
  const world = await makeAuth();
  const user = { localpart: 'bot', password: PASSWORD };
  const { tokens } = await Person.signIn(world.homeserver.url, user, { refreshToken });
  const bot = await makeAuth({
    homeserver: world.proxy.url,
    credentials: credentials({
      accessToken: tokens.access_token,
      ...(refreshToken ? { refreshToken: tokens.refresh_token as string } : {}),
    }),
  });
  const ask = (path = ROOMS) => bot.auth.fetch(`${world.proxy.url}${path}`).then(({ status }) => status);
  return { ...bot, homeserver: world.homeserver, proxy: world.proxy, ask };
}

describe('one wrong answer ends no session that nothing else is left for', () => {
  it('of /refresh', async () => {
    const { auth, homeserver, proxy, ask } = await botWithToken({ refreshToken: true });
    await auth.start();
    proxy.inject({ match: { path: '/refresh' }, fault: unknownToken });
    homeserver.expireTokens();
    expect(await ask()).toBe(200);
    expect(auth.snapshot().state).toBe('valid');
  });

  it('of whoami, at the start', async () => {
    const { auth, proxy } = await botWithToken({ refreshToken: false });
    proxy.inject({ match: { path: WHOAMI }, fault: unknownToken });
    await auth.start();
    expect(auth.snapshot().state).toBe('valid');
  });

  it('and two are the end, with no third question', async () => {
    const { auth, homeserver, proxy, ask } = await botWithToken({ refreshToken: true });
    await auth.start();
    homeserver.revokeSession('@bot:localhost');
    expect(await ask()).toBe(401);
    expect(auth.snapshot()).toMatchObject({ state: 'failed', reason: 'session-ended' });
    expect(proxy.count({ path: '/refresh' })).toBe(2);
  });
});

it('an endpoint that was wrong once is heard again when the token has really died', async () => {
  const { auth, homeserver, proxy } = await makeAuth();
  await auth.start();
  const ask = () => auth.fetch(`${proxy.url}${ROOMS}`).then(({ status }) => status);
  await auth.refresh();
  proxy.inject({ match: { path: ROOMS }, fault: unknownToken });
  expect(await ask(), 'it refuses a token that whoami takes').toBe(401);
  homeserver.expireTokens();
  expect(await ask()).toBe(200);
  homeserver.expireTokens();
  expect(await ask(), 'with each new token').toBe(200);
});

describe('a refused request whose token whoami gives no answer about', () => {
  it.each([
    ['is away', { kind: 'answer', status: 502, body: 'Bad Gateway' }],
    ['cuts the connection', { kind: 'cut' }],
  ] as const)('waits while it %s, and gets the answer in the end', async (_, fault) => {
    const { auth, homeserver, proxy, ask, log, reaches } = await botWithToken({ refreshToken: false });
    await auth.start();
    proxy.inject({ match: { path: WHOAMI }, times: 2, fault });
    proxy.inject({ match: { path: ROOMS }, fault: unknownToken });
    const asked = ask();
    await reaches('valid.backingOff');
    expect(await ask('/_matrix/client/v3/sync?timeout=0'), 'others do not wait').toBe(200);
    // The token lives after all, so it is the endpoint that is wrong, and its refusal is the caller's.
    expect(await asked).toBe(401);
    expect(log.filter((line) => line.includes('joined_rooms refuses a token'))).toHaveLength(1);
    expect(homeserver.devices('@bot:localhost')).toHaveLength(1);
  });

  it('is not taken for proof that the endpoint is wrong, where the token is dead', async () => {
    const { auth, homeserver, proxy, log, reaches } = await makeAuth();
    await auth.start();
    const ask = () => auth.fetch(`${proxy.url}${ROOMS}`).then(({ status }) => status);
    await auth.refresh();
    proxy.inject({ match: { path: WHOAMI }, fault: { kind: 'cut' } });
    homeserver.expireTokens();
    const asked = ask();
    await reaches('valid.backingOff');
    expect(await asked).toBe(200);
    expect(log.join('\n')).not.toContain('refuses a token');
  });
});
