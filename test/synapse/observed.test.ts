import { expect, it } from 'vitest';
import { canaryPassword, describeOnBoth, freshUser } from '../support/both.ts';
import { call, createRoom, login, refresh, refusal, send, tokensOf, whoami } from './api.ts';

const LOGGED_OUT = { status: 401, errcode: 'M_UNKNOWN_TOKEN', softLogout: false };
const LOCKED = { status: 401, errcode: 'M_USER_LOCKED', softLogout: true };
const NO_SUCH_REFRESH_TOKEN = { status: 401, errcode: 'M_UNKNOWN_TOKEN' };
const FORBIDDEN = { status: 403, errcode: 'M_FORBIDDEN' };

describeOnBoth('observed: sessions', { accessTokenLifetimeMs: 300_000 }, ({ homeserver }) => {
  async function signedIn(deviceId = 'BOT') {
    const { url } = homeserver();
    const user = await freshUser(homeserver());
    const first = tokensOf(await login(url, user.localpart, user.password, { device_id: deviceId }));
    return { url, user, first };
  }

  it('a new user has no device', async () => {
    const { userId } = await freshUser(homeserver());
    expect(await homeserver().devices(userId)).toEqual([]);
  });

  it('a login gives a session that can be refreshed', async () => {
    const { userId, localpart, password } = await freshUser(homeserver());
    const { status, body } = await login(homeserver().url, localpart, password, { device_id: 'BOT' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ user_id: userId, device_id: 'BOT', refresh_token: expect.any(String) });
    expect(body['expires_in_ms']).toBeGreaterThan(0);
    expect(body['expires_in_ms']).toBeLessThanOrEqual(300_000);
  });

  it('a login that asks for no refresh token gets none, and no expiry', async () => {
    const { localpart, password } = await freshUser(homeserver());
    const { status, body } = await login(homeserver().url, localpart, password, { refresh_token: false });
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('refresh_token');
    expect(body).not.toHaveProperty('expires_in_ms');
  });

  it('a wrong password and an unknown user are refused alike', async () => {
    const { localpart } = await freshUser(homeserver());
    expect(refusal(await login(homeserver().url, localpart, canaryPassword()))).toEqual(FORBIDDEN);
    expect(refusal(await login(homeserver().url, 'nobody', canaryPassword()))).toEqual(FORBIDDEN);
  });

  it('a refresh gives a new pair, and leaves the old access token alive, also when the new one is used', async () => {
    const { url, first } = await signedIn();
    const answer = await refresh(url, first.refreshToken);
    const second = tokensOf(answer);
    expect(answer.body['expires_in_ms']).toBeGreaterThan(0);
    expect(answer.body['expires_in_ms']).toBeLessThanOrEqual(300_000);
    expect(second.accessToken).not.toBe(first.accessToken);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect((await whoami(url, second.accessToken)).status).toBe(200);
    expect((await whoami(url, first.accessToken)).status).toBe(200);
  });

  it('a refresh token may be used again until its successor is: the pair in between is dead at once', async () => {
    const { url, first } = await signedIn();
    const lost = tokensOf(await refresh(url, first.refreshToken));
    const second = tokensOf(await refresh(url, first.refreshToken));
    expect(refusal(await whoami(url, lost.accessToken))).toEqual(LOGGED_OUT);
    expect(refusal(await refresh(url, lost.refreshToken))).toEqual(NO_SUCH_REFRESH_TOKEN);
    expect((await whoami(url, second.accessToken)).status).toBe(200);
  });

  it('a refresh token is forbidden after the first use of the next access token', async () => {
    const { url, first } = await signedIn();
    const second = tokensOf(await refresh(url, first.refreshToken));
    await whoami(url, second.accessToken);
    expect(refusal(await refresh(url, first.refreshToken))).toEqual(FORBIDDEN);
    expect((await refresh(url, second.refreshToken)).status).toBe(200);
  });

  it('a refresh token is unknown two rotations later, and so is an access token that was never used', async () => {
    const { url, first } = await signedIn();
    const second = tokensOf(await refresh(url, first.refreshToken));
    const third = tokensOf(await refresh(url, second.refreshToken));
    expect(refusal(await refresh(url, first.refreshToken))).toEqual(NO_SUCH_REFRESH_TOKEN);
    expect(refusal(await whoami(url, first.accessToken))).toEqual(LOGGED_OUT);
    expect((await whoami(url, third.accessToken)).status).toBe(200);
  });

  it('of five concurrent refreshes all answer 200, and one pair lives', async () => {
    const { url, first } = await signedIn();
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => refresh(url, first.refreshToken)));
    const pairs = answers.map(tokensOf);
    expect(new Set(pairs.map((pair) => pair.accessToken)).size).toBe(5);
    const alive = await Promise.all(pairs.map((pair) => whoami(url, pair.accessToken)));
    expect(alive.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401, 401, 401, 401]);
    const living = pairs.filter((_, index) => alive[index]?.status === 200);
    const dead = pairs.filter((pair) => !living.includes(pair));
    for (const pair of dead) {
      expect(refusal(await refresh(url, pair.refreshToken))).toEqual(NO_SUCH_REFRESH_TOKEN);
    }
    for (const pair of living) expect((await refresh(url, pair.refreshToken)).status).toBe(200);
  });

  it('refresh tokens that are malformed or missing, and access tokens in their place', async () => {
    const { url, first } = await signedIn();
    expect(refusal(await refresh(url, 'nonsense'))).toEqual(NO_SUCH_REFRESH_TOKEN);
    expect(refusal(await refresh(url, first.accessToken))).toEqual(NO_SUCH_REFRESH_TOKEN);
    expect(refusal(await call(url, 'POST', '/refresh', { body: {} }))).toEqual({
      status: 400,
      errcode: 'M_MISSING_PARAM',
    });
  });

  it('access tokens that are malformed or missing', async () => {
    const { url } = homeserver();
    expect(refusal(await whoami(url, 'nonsense'))).toEqual(LOGGED_OUT);
    expect(refusal(await call(url, 'GET', '/account/whoami'))).toEqual({
      status: 401,
      errcode: 'M_MISSING_TOKEN',
    });
  });

  it('a second login on the same device id keeps one device, and the first session alive', async () => {
    const { url, user, first } = await signedIn();
    const second = tokensOf(await login(url, user.localpart, user.password, { device_id: 'BOT' }));
    expect(await homeserver().devices(user.userId)).toEqual(['BOT']);
    expect((await whoami(url, second.accessToken)).status).toBe(200);
    expect((await whoami(url, first.accessToken)).status).toBe(200);
    expect((await refresh(url, first.refreshToken)).status).toBe(200);
  });

  it('a login without a device id adds a device', async () => {
    const { url, user } = await signedIn();
    await login(url, user.localpart, user.password);
    expect(await homeserver().devices(user.userId)).toHaveLength(2);
  });

  const ends = {
    logout: async (token: string) => void (await call(homeserver().url, 'POST', '/logout', { token })),
    'logout/all': async (token: string) =>
      void (await call(homeserver().url, 'POST', '/logout/all', { token })),
    'deletion of the device': (_: string, userId: string) => homeserver().deleteDevice(userId, 'BOT'),
    'reset of the password': (_: string, userId: string) =>
      homeserver().setPassword(userId, canaryPassword()),
    deactivation: (_: string, userId: string) => homeserver().deactivate(userId),
  };
  it.for(Object.entries(ends))('%s ends the session and its refresh chain', async ([, end]) => {
    const { url, user, first } = await signedIn();
    await end(first.accessToken, user.userId);
    expect(refusal(await whoami(url, first.accessToken))).toEqual(LOGGED_OUT);
    expect(refusal(await refresh(url, first.refreshToken))).toEqual(NO_SUCH_REFRESH_TOKEN);
    expect(await homeserver().devices(user.userId)).toEqual([]);
  });

  it('a reset of the password that logs no device out leaves the session', async () => {
    const { url, user, first } = await signedIn();
    await homeserver().setPassword(user.userId, canaryPassword(), { logoutDevices: false });
    expect((await whoami(url, first.accessToken)).status).toBe(200);
    expect((await refresh(url, first.refreshToken)).status).toBe(200);
    expect(refusal(await login(url, user.localpart, user.password))).toEqual(FORBIDDEN);
  });

  it('a device id can be signed in again after its logout', async () => {
    const { url, user, first } = await signedIn();
    await call(url, 'POST', '/logout', { token: first.accessToken });
    const again = await login(url, user.localpart, user.password, { device_id: 'BOT' });
    expect((await whoami(url, tokensOf(again).accessToken)).body['device_id']).toBe('BOT');
  });

  it('locked: requests and login are refused, refresh is not, and all is well after the unlocking', async () => {
    const { url, user, first } = await signedIn();
    await homeserver().setLocked(user.userId, true);
    expect(refusal(await whoami(url, first.accessToken))).toEqual(LOCKED);
    expect(refusal(await login(url, user.localpart, user.password))).toEqual(LOCKED);
    const second = tokensOf(await refresh(url, first.refreshToken));
    expect(refusal(await whoami(url, second.accessToken))).toEqual(LOCKED);
    await homeserver().setLocked(user.userId, false);
    expect((await whoami(url, second.accessToken)).status).toBe(200);
    expect(await homeserver().devices(user.userId)).toEqual(['BOT']);
  });

  it('suspended: only sending is refused', async () => {
    const { url, user, first } = await signedIn();
    const { body } = await createRoom(url, first.accessToken);
    await homeserver().setSuspended(user.userId, true);
    expect(refusal(await send(url, first.accessToken, String(body['room_id']), 'one'))).toEqual({
      status: 403,
      errcode: 'M_USER_SUSPENDED',
    });
    expect((await whoami(url, first.accessToken)).status).toBe(200);
    expect((await refresh(url, first.refreshToken)).status).toBe(200);
    expect((await login(url, user.localpart, user.password)).status).toBe(200);
  });

  it('deactivated: a login is refused like a wrong password', async () => {
    const { userId, localpart, password } = await freshUser(homeserver());
    await homeserver().deactivate(userId);
    expect(refusal(await login(homeserver().url, localpart, password))).toEqual(FORBIDDEN);
  });

  it('a send to a room not joined is forbidden', async () => {
    const { url, first } = await signedIn();
    const { body } = await createRoom(url, first.accessToken);
    const stranger = await signedIn();
    expect(refusal(await send(url, stranger.first.accessToken, String(body['room_id']), 'one'))).toEqual(
      FORBIDDEN,
    );
  });

  it('user-interactive authentication is a 401 without an errcode', async () => {
    const { url, first } = await signedIn();
    const { status, body } = await call(url, 'DELETE', '/devices/BOT', {
      token: first.accessToken,
      body: {},
    });
    expect(status).toBe(401);
    expect(body).toMatchObject({ session: expect.any(String), flows: [{ stages: ['m.login.password'] }] });
    expect(body).not.toHaveProperty('errcode');
  });

  it('an unknown endpoint is M_UNRECOGNIZED', async () => {
    const { url, first } = await signedIn();
    const answer = await call(url, 'GET', '/no/such/endpoint', { token: first.accessToken });
    expect(refusal(answer)).toEqual({ status: 404, errcode: 'M_UNRECOGNIZED' });
  });
});
