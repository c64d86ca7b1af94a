import { describe, expect, onTestFinished, test } from 'vitest';
import { startTestHomeserver, type TestHomeserverOptions } from '../../src/testing/index.ts';
import { clientOf, refusalOf } from './client.ts';

/** A homeserver with one user and a clock that the test moves. */
async function started(options: TestHomeserverOptions = {}) {
  const clock = { now: 1_700_000_000_000 };
  const homeserver = await startTestHomeserver({
    users: [{ localpart: 'bot', password: 'pw' }],
    now: () => clock.now,
    ...options,
  });
  onTestFinished(() => homeserver.stop());
  return { clock, homeserver, api: clientOf(homeserver.url) };
}

const unknownToken = (error: string, more: object = {}) => ({
  status: 401,
  body: { errcode: 'M_UNKNOWN_TOKEN', error, ...more },
});

describe('lifetimes', () => {
  test('an access token lives five minutes by default', async () => {
    const { api } = await started();
    expect((await api.login('bot', 'pw')).body.expires_in_ms).toBe(300_000);
  });

  test('accessTokenLifetimeMs null: no refresh tokens, no expiry, no /refresh', async () => {
    const { api } = await started({ accessTokenLifetimeMs: null });
    const { body } = await api.login('bot', 'pw');
    expect(body).not.toHaveProperty('refresh_token');
    expect(body).not.toHaveProperty('expires_in_ms');
    expect(refusalOf(await api.refresh('anything'))).toEqual({
      status: 404,
      body: { errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' },
    });
  });

  test('without a refresh token an access token has no end, or that of nonRefreshableLifetimeMs', async () => {
    const endless = await started();
    const { body: first } = await endless.api.login('bot', 'pw', { refresh_token: false });
    expect(first).not.toHaveProperty('expires_in_ms');
    endless.clock.now += 365 * 86_400_000;
    expect((await endless.api.whoami(first.access_token)).status).toBe(200);

    const { api, clock } = await started({ nonRefreshableLifetimeMs: 60_000 });
    const { body } = await api.login('bot', 'pw', { refresh_token: false });
    expect(body.expires_in_ms).toBe(60_000);
    clock.now += 60_001;
    expect(refusalOf(await api.whoami(body.access_token))).toEqual(
      unknownToken('Access token has expired', { soft_logout: true }),
    );
  });

  test('refreshTokenLifetimeMs: a refresh token that is not used in time is 403', async () => {
    const { api, clock } = await started({ refreshTokenLifetimeMs: 60_000 });
    const { body } = await api.login('bot', 'pw');
    clock.now += 60_000;
    const { body: second } = await api.refresh(body.refresh_token);
    clock.now += 60_001;
    expect(refusalOf(await api.refresh(second.refresh_token))).toEqual({
      status: 403,
      body: { errcode: 'M_FORBIDDEN', error: 'The supplied refresh token has expired' },
    });
  });
});

describe('other ways of rotating', () => {
  test('consumeRefreshTokenAtOnce: one refresh, and the old access token ends', async () => {
    const { api } = await started({ consumeRefreshTokenAtOnce: true });
    const { body: first } = await api.login('bot', 'pw');
    const { body: second } = await api.refresh(first.refresh_token);
    const refused = unknownToken('Invalid refresh token');
    expect(refusalOf(await api.refresh(first.refresh_token))).toEqual(refused);
    expect(refusalOf(await api.refresh('nothing'))).toEqual(refused);
    expect(refusalOf(await api.whoami(first.access_token))).toMatchObject({ status: 401 });
    expect((await api.whoami(second.access_token)).status).toBe(200);
    expect((await api.refresh(second.refresh_token)).status).toBe(200);
  });

  test('softLogoutOnExpiry false: whatever is wrong with a token, it "is not active"', async () => {
    const { api, clock } = await started({ softLogoutOnExpiry: false });
    const { body } = await api.login('bot', 'pw');
    clock.now += 300_001;
    const refused = unknownToken('Token is not active', { soft_logout: false });
    expect(refusalOf(await api.whoami(body.access_token))).toEqual(refused);
    expect(refusalOf(await api.whoami('nothing'))).toEqual(refused);
    expect((await api.refresh(body.refresh_token)).status).toBe(200);
  });

  test('refreshTokenReturned false: the refresh token stays as it is', async () => {
    const { api } = await started({ refreshTokenReturned: false });
    const { body } = await api.login('bot', 'pw');
    const tokens = new Set<string>();
    for (let i = 0; i < 3; i += 1) {
      const { body: refreshed } = await api.refresh(body.refresh_token);
      expect(refreshed).toEqual({ access_token: expect.any(String), expires_in_ms: 300_000 });
      expect((await api.whoami(refreshed.access_token)).status).toBe(200);
      tokens.add(refreshed.access_token);
    }
    expect(tokens.size).toBe(3);
  });
});

describe('rate limits', () => {
  test('logins: the burst, then 429 with the time to wait in both places, then as told', async () => {
    const { api, clock } = await started({ loginRateLimit: { perSecond: 0.5, burst: 2 } });
    expect((await api.login('bot', 'wrong')).status).toBe(403);
    clock.now += 41;
    expect((await api.login('bot', 'pw')).status).toBe(200);
    const refused = await api.login('bot', 'pw');
    expect(refusalOf(refused)).toEqual({
      status: 429,
      body: { errcode: 'M_LIMIT_EXCEEDED', error: 'Too Many Requests', retry_after_ms: 1_959 },
    });
    expect(refused.headers.get('retry-after')).toBe('2');
    clock.now += 1_958;
    expect((await api.login('bot', 'pw')).status).toBe(429);
    clock.now += 1;
    expect((await api.login('bot', 'pw')).status).toBe(200);
  });

  test('messages: per user; what is refused otherwise or sent again does not count', async () => {
    const { api, clock, homeserver } = await started({ messageRateLimit: { perSecond: 1, burst: 3 } });
    const { body } = await api.login('bot', 'pw');
    const roomId = await api.createRoom(body.access_token);
    const send = (txnId: string) => api.send(body.access_token, roomId, txnId);
    expect((await send('t1')).status).toBe(200);
    expect((await api.send(body.access_token, '!none:localhost', 't1')).status).toBe(403);
    expect((await send('t1')).status).toBe(200);
    expect((await send('t2')).status).toBe(200);
    expect(refusalOf(await send('t3'))).toMatchObject({ status: 429, body: { retry_after_ms: 1_000 } });
    expect((await send('t2')).status).toBe(200);

    homeserver.createUser('other', 'pw');
    const { body: other } = await api.login('other', 'pw');
    expect((await api.post('/createRoom', {}, other.access_token)).status).toBe(200);

    clock.now += 1_000;
    expect((await send('t3')).status).toBe(200);
  });

  test('there is none by default', async () => {
    const { api } = await started();
    for (let i = 0; i < 20; i += 1) expect((await api.login('bot', 'pw')).status).toBe(200);
  });
});

describe('names and places', () => {
  test('serverName is part of every user id', async () => {
    const { api, homeserver } = await started({ serverName: 'example.org' });
    expect(homeserver.serverName).toBe('example.org');
    expect((await api.login('@bot:example.org', 'pw')).body.user_id).toBe('@bot:example.org');
    expect((await api.login('BOT', 'pw')).body.user_id).toBe('@bot:example.org');
    expect((await api.login('@bot:localhost', 'pw')).status).toBe(403);
  });

  test('port is where it listens; a taken one is an error', async () => {
    const { homeserver } = await started();
    const port = Number(new URL(homeserver.url).port);
    await expect(startTestHomeserver({ port })).rejects.toThrow('EADDRINUSE');
    await homeserver.stop();
    const again = await startTestHomeserver({ port });
    onTestFinished(() => again.stop());
    expect(again.url).toBe(homeserver.url);
  });

  test('the server says where it is', async () => {
    const { api, homeserver } = await started();
    const wellKnown = { 'm.homeserver': { base_url: `${homeserver.url}/` } };
    expect((await api.get('/.well-known/matrix/client')).body).toEqual(wellKnown);
    expect((await api.login('bot', 'pw')).body.well_known).toEqual(wellKnown);
    expect((await api.get('/_matrix/client/versions')).body.versions).toContain('v1.12');
    expect((await api.get('/login')).body.flows).toContainEqual({ type: 'm.login.password' });
  });

  test('a localpart that is none is refused', async () => {
    const user = { localpart: '@bot:localhost', password: 'pw' };
    await expect(startTestHomeserver({ users: [user] })).rejects.toThrow('is not a localpart');
  });
});
