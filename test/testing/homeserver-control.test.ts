import { inspect } from 'node:util';
import { beforeEach, expect, test } from 'vitest';
import { startTestHomeserver, type TestHomeserver } from '../../src/testing/index.ts';
import { fingerprintOf } from '../../src/ports/secret.ts';
import { clientOf, failureOf } from './client.ts';

const BOT = '@bot:localhost';
const PASSWORD = 'canary-pw-of-the-bot';

let homeserver: TestHomeserver;
let api: ReturnType<typeof clientOf>;

beforeEach(async () => {
  homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password: PASSWORD }] });
  api = clientOf(homeserver.url);
  return () => homeserver.stop();
});

const login = async (deviceId = 'BOT') =>
  (await api.login('bot', PASSWORD, { device_id: deviceId })).body as {
    access_token: string;
    refresh_token: string;
  };

test('expireTokens expires the access tokens of one user or of all, and no refresh token', async () => {
  homeserver.createUser('other', PASSWORD);
  const bot = await login();
  const { body: other } = await api.login('other', PASSWORD);
  homeserver.expireTokens(BOT);
  expect((await api.whoami(bot.access_token)).body).toMatchObject({ soft_logout: true });
  expect((await api.whoami(other.access_token)).status).toBe(200);
  homeserver.expireTokens();
  expect((await api.whoami(other.access_token)).body).toMatchObject({ soft_logout: true });
  const { body: refreshed } = await api.refresh(bot.refresh_token);
  expect((await api.whoami(refreshed.access_token)).status).toBe(200);
});

test('setAccessTokenLifetimeMs is for the tokens issued from then on', async () => {
  const { refresh_token: refreshToken } = await login();
  homeserver.setAccessTokenLifetimeMs(1_000);
  expect((await api.refresh(refreshToken)).body.expires_in_ms).toBe(1_000);
  expect((await api.login('bot', PASSWORD)).body.expires_in_ms).toBe(1_000);
});

test('revokeSession ends the sessions of a device and keeps the device, unless told otherwise', async () => {
  const [one, two] = [await login('ONE'), await login('TWO')];
  homeserver.revokeSession(BOT, 'ONE');
  expect((await api.whoami(one.access_token)).body).toMatchObject({ soft_logout: false });
  expect((await api.refresh(one.refresh_token)).status).toBe(401);
  expect((await api.whoami(two.access_token)).status).toBe(200);
  expect(homeserver.devices(BOT)).toEqual(['ONE', 'TWO']);

  homeserver.revokeSession(BOT);
  expect((await api.whoami(two.access_token)).status).toBe(401);
  expect(homeserver.devices(BOT)).toEqual(['ONE', 'TWO']);
  homeserver.revokeSession(BOT, 'ONE', { keepDevice: false });
  expect(homeserver.devices(BOT)).toEqual(['TWO']);
  homeserver.revokeSession(BOT, undefined, { keepDevice: false });
  expect(homeserver.devices(BOT)).toEqual([]);
});

test('counts successful logins and refreshes', async () => {
  await api.login('bot', 'wrong');
  const { refresh_token: refreshToken } = await login();
  await api.refresh('nothing');
  await api.refresh(refreshToken);
  expect([homeserver.logins, homeserver.refreshes]).toEqual([1, 1]);
});

test('records every request: what it was, whose it was, what it got; never a token or a password', async () => {
  const { access_token: accessToken, refresh_token: refreshToken } = await login();
  await api.whoami(accessToken);
  await api.get(`/account/whoami?access_token=${accessToken}`);
  await api.whoami('nothing');
  const { body: refreshed } = await api.refresh(refreshToken);
  const path = '/_matrix/client/v3/account/whoami';
  const own = { userId: BOT, deviceId: 'BOT' };
  const at = expect.any(Number);
  const fingerprint = fingerprintOf(accessToken);
  expect(homeserver.requests).toEqual([
    { at, method: 'POST', path: '/_matrix/client/v3/login', status: 200, ...own },
    { at, method: 'GET', path, status: 200, ...own, tokenFingerprint: fingerprint },
    { at, method: 'GET', path, status: 200, ...own, tokenFingerprint: fingerprint },
    {
      at,
      method: 'GET',
      path,
      status: 401,
      errcode: 'M_UNKNOWN_TOKEN',
      tokenFingerprint: fingerprintOf('nothing'),
    },
    { at, method: 'POST', path: '/_matrix/client/v3/refresh', status: 200, ...own },
  ]);
  const shown = inspect(homeserver, { depth: 10, showHidden: true }) + JSON.stringify(homeserver.requests);
  for (const secret of [
    accessToken,
    refreshToken,
    refreshed.access_token,
    refreshed.refresh_token,
    PASSWORD,
  ]) {
    expect(shown).not.toContain(secret);
  }
});

test('a client that gives up leaves a request without status, and no one waiting', async () => {
  const { access_token: accessToken } = await login();
  const { body } = await api.sync(accessToken);
  const gone = new AbortController();
  const poll = api.sync(accessToken, { since: body.next_batch, timeout: 30_000 }, gone.signal);
  await expect.poll(() => homeserver.requests.length).toBe(3);
  gone.abort();
  await expect(poll).rejects.toThrow('abort');
  expect(homeserver.requests.at(-1)).toMatchObject({ path: '/_matrix/client/v3/sync' });
  expect(homeserver.requests.at(-1)).not.toHaveProperty('status');
});

test('stop ends open long polls and resolves', async () => {
  const { access_token: accessToken } = await login();
  const { body } = await api.sync(accessToken);
  const poll = failureOf(api.sync(accessToken, { since: body.next_batch, timeout: 30_000 }));
  await expect.poll(() => homeserver.requests.length).toBe(3);
  await homeserver.stop();
  expect(await poll).toHaveProperty('message', 'fetch failed');
  await expect(api.get('/login')).rejects.toThrow('fetch failed');
});

test('names what is wrong with an account that is not there, or is there already', () => {
  expect(() => homeserver.devices('@nobody:localhost')).toThrow('There is no account @nobody:localhost');
  expect(() => homeserver.setLocked('bot', true)).toThrow('name it by its full user id');
  expect(() => homeserver.createUser('bot', 'x')).toThrow('exists already');
  expect(() => homeserver.createUser('The Bot', 'x')).toThrow('is not a localpart');
});
