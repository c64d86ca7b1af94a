import { expect, it, onTestFinished, vi } from 'vitest';
import { oauth } from '../../src/adapters/sign-in/oauth/index.ts';
import { memorySessions, password, type SessionStore } from '../../src/index.ts';
import type { TestHomeserverOptions } from '../../src/testing/index.ts';
import { makeAuth, PASSWORD, quick, WHOAMI } from './make.ts';

const delegated: TestHomeserverOptions = { oauth: { pollIntervalMs: 50 } };
const BOT = '@bot:localhost';

async function signedIn(options: Parameters<typeof makeAuth>[0] = {}) {
  const world = await makeAuth({ credentials: oauth(), ...options }, delegated);
  const person = { is: BOT };
  world.auth.on('authorization', ({ code }) => world.homeserver.oauth.approve(person.is, code));
  await world.auth.start();
  return { ...world, person, whoami: () => world.auth.fetch(`${world.proxy.url}${WHOAMI}`) };
}

const stored = async (store: SessionStore) => (await store.read('default', 'session'))?.session;

it('an expired token is refreshed at the authorization server, although soft_logout is false', async () => {
  const { homeserver, proxy, whoami } = await signedIn();
  homeserver.expireTokens();
  expect((await whoami()).status).toBe(200);
  expect(homeserver.refreshes).toBe(1);
  expect(proxy.count({ path: /\/v3\/(login|refresh)$/ })).toBe(0);
});

it('introspection that is down is the caller’s trouble, and no end of anything', async () => {
  const { auth, homeserver, whoami, states } = await signedIn();
  homeserver.oauth.introspectionDown = true;
  const from = states.length;
  expect((await whoami()).status).toBe(503);
  await auth.refresh().catch(() => undefined);
  homeserver.oauth.introspectionDown = false;
  expect((await whoami()).status).toBe(200);
  expect(states.slice(from).map(({ state }) => state)).not.toContain('failed');
  expect(homeserver.logins).toBe(1);
});

it.each<[string, number, string, Record<string, string>, string]>([
  ['page', 200, '<title>Welcome</title>', { 'content-type': 'text/html' }, 'no-authorization-server'],
  ['redirect', 302, '', { location: 'http://portal.example/' }, 'no-authorization-server'],
  ['511', 511, '<title>Welcome</title>', { 'content-type': 'text/html' }, 'access-denied'],
])(
  'a captive portal’s %s at the token endpoint is told, and ends no session',
  async (_, status, body, headers, code) => {
    const { auth, homeserver, proxy, whoami, states } = await signedIn();
    const told = new Promise<string>((resolve) => auth.on('trouble', (trouble) => resolve(trouble.code)));
    const times = Number.POSITIVE_INFINITY;
    proxy.inject({
      match: { path: '/oauth2/token' },
      times,
      fault: { kind: 'answer', status, body, headers },
    });
    homeserver.expireTokens();
    const held = whoami();
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    await proxy.waitFor({ path: '/oauth2/token' }, { count: 3 });
    vi.setSystemTime(Date.now() + 11_000);
    expect(await told).toBe(code);
    proxy.clear();
    expect((await held).status).toBe(200);
    expect(states.map(({ state }) => state)).not.toContain('failed');
    expect(homeserver.logins).toBe(1);
  },
);

it('introspection that is down at a start is waited out', async () => {
  const sessions = memorySessions();
  const first = await signedIn({ sessions });
  first.homeserver.oauth.introspectionDown = true;
  await first.auth.stop();
  const second = await makeAuth({ homeserver: first.proxy.url, sessions, credentials: {} });
  const started = second.auth.start();
  await second.reaches('reconnecting.backingOff');
  first.homeserver.oauth.introspectionDown = false;
  await started;
  expect(second.auth.snapshot().userId).toBe(BOT);
});

it('a locked account, whose refreshes succeed and whose tokens are refused, ends nothing, and is waited out', async () => {
  const { auth, homeserver, proxy, reaches, whoami, states } = await signedIn({
    schedule: { ...quick, breakerMinMs: 20, breakerMaxMs: 40 },
  });
  const before = homeserver.refreshes;
  homeserver.setLocked(BOT, true);
  const held = whoami();
  await reaches('refreshing.required.coolingDown');
  await reaches('refreshing.required.coolingDown');
  expect(homeserver.refreshes).toBeGreaterThan(before + 1);
  homeserver.setLocked(BOT, false);
  expect((await held).status).toBe(200);
  expect(states.map(({ state }) => state)).not.toContain('failed');
  expect(auth.snapshot().state).toBe('valid');
  expect(proxy.count({ path: /device$/ })).toBe(1);
});

it('the API of before beside it: a login by password is renewed there, and nowhere else', async () => {
  const sessions = memorySessions();
  const { auth, homeserver, proxy } = await makeAuth({ sessions }, delegated);
  await auth.start();
  homeserver.expireTokens();
  expect((await auth.fetch(`${proxy.url}${WHOAMI}`)).status).toBe(200);
  expect(proxy.count({ path: '/v3/refresh' })).toBe(1);
  expect(proxy.count({ path: /oauth2/ })).toBe(0);
  expect(await stored(sessions)).not.toHaveProperty('kind');
});

it('a session that has ended is followed by one of the next way, of its own kind', async () => {
  const sessions = memorySessions();
  const first = await signedIn({ sessions });
  expect(await stored(sessions)).toMatchObject({ kind: 'oauth', renewal: { clientId: expect.any(String) } });
  await first.auth.stop();
  first.homeserver.revokeSession(BOT);
  const second = await makeAuth({
    homeserver: first.proxy.url,
    sessions,
    credentials: password({ username: 'bot', password: PASSWORD }),
  });
  await second.auth.start();
  expect(await stored(sessions)).not.toHaveProperty('kind');
  first.homeserver.expireTokens();
  await second.auth.fetch(`${first.proxy.url}${WHOAMI}`);
  expect(first.proxy.count({ path: '/v3/refresh' })).toBe(1);
});

it('a homeserver without OAuth 2.0 is left to the next way', async () => {
  const { auth, log } = await makeAuth({
    credentials: [oauth(), password({ username: 'bot', password: PASSWORD })],
  });
  await auth.start();
  expect(auth.snapshot().state).toBe('valid');
  expect(log).toEqual([expect.stringMatching(/"oauth".*has no OAuth 2\.0 API/)]);
});

it('without a listener the link and the code are logged', async () => {
  const { auth, homeserver, log, reaches } = await makeAuth({ credentials: oauth() }, delegated);
  const started = auth.start();
  await reaches('refreshing.required.authorizing');
  await vi.waitFor(() => expect(log).toHaveLength(1));
  const [{ userCode } = {}] = homeserver.oauth.pending;
  expect(log[0]).toMatch(
    new RegExp(`sign the bot in.*Link: \\S+code=${userCode} Code: ${userCode} Good until`),
  );
  homeserver.oauth.approve(BOT);
  await started;
});

it('approved as somebody else, the stored session is not overwritten', async () => {
  const sessions = memorySessions();
  const { homeserver, person, whoami, reaches } = await signedIn({ sessions });
  person.is = homeserver.createUser('alice', PASSWORD).userId;
  const before = await stored(sessions);
  homeserver.oauth.forgetClients();
  homeserver.revokeSession(BOT);
  void whoami().catch(() => undefined);
  const { advice } = await reaches('failed');
  expect(advice).toMatch(/approved as @alice:localhost, and the bot is @bot:localhost/);
  expect((await stored(sessions))?.accessToken.equals(before?.accessToken as never)).toBe(true);
});

it('a logout revokes the session, and says so where that was not taken', async () => {
  const sessions = memorySessions();
  const { auth, homeserver, proxy } = await signedIn({ sessions });
  proxy.inject({ match: { path: '/oauth2/revoke' }, fault: { kind: 'answer', status: 503, body: {} } });
  await expect(auth.logout()).rejects.toMatchObject({ name: 'LogoutFailedError' });
  expect(await stored(sessions)).toBeUndefined();
  expect(homeserver.devices(BOT)).toHaveLength(1);

  const other = await signedIn();
  await other.auth.logout();
  expect(other.homeserver.devices(BOT)).toEqual([]);
});

it('a stop ends the wait for a person', async () => {
  const { auth, reaches } = await makeAuth({ credentials: oauth() }, delegated);
  const started = auth.start();
  await reaches('refreshing.required.authorizing');
  await auth.stop();
  await expect(started).rejects.toMatchObject({ name: 'AuthStoppedError' });
});
