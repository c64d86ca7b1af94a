import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startTestHomeserver, type TestHomeserverOptions } from '../../src/testing/index.ts';
import { clientOf, refusalOf } from './client.ts';

const API = 'urn:matrix:client:api:*';
const SCOPE = `${API} urn:matrix:client:device:BOTDEVICE1`;
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const NOT_ACTIVE = {
  status: 401,
  body: { errcode: 'M_UNKNOWN_TOKEN', error: 'Token is not active', soft_logout: false },
};

async function started(options: TestHomeserverOptions = {}) {
  const clock = { now: 1_700_000_000_000 };
  const homeserver = await startTestHomeserver({
    users: [{ localpart: 'bot', password: 'pw' }],
    oauth: true,
    now: () => clock.now,
    ...options,
  });
  onTestFinished(() => homeserver.stop());
  const api = clientOf(homeserver.url);
  const form = async (path: string, fields: Record<string, string>) => {
    const body = new URLSearchParams(fields);
    const response = await fetch(`${homeserver.url}${path}`, { method: 'POST', body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const register = async (more: object = {}) => {
    const response = await fetch(`${homeserver.url}/oauth2/registration`, {
      method: 'POST',
      body: JSON.stringify({
        client_name: 'A bot',
        client_uri: 'https://bot.example/',
        grant_types: [DEVICE_CODE, 'refresh_token'],
        response_types: [],
        token_endpoint_auth_method: 'none',
        ...more,
      }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  const clientId = (await register()).body['client_id'] ?? '';
  const askDevice = (scope = SCOPE) => form('/oauth2/device', { client_id: clientId, scope });
  const redeem = (deviceCode: unknown) =>
    form('/oauth2/token', {
      grant_type: DEVICE_CODE,
      client_id: clientId,
      device_code: String(deviceCode),
    });
  const refresh = (token: unknown, client = clientId) =>
    form('/oauth2/token', { grant_type: 'refresh_token', client_id: client, refresh_token: String(token) });
  async function signedIn() {
    const { body } = await askDevice();
    homeserver.oauth.approve('@bot:localhost');
    return (await redeem(body['device_code'])).body as Record<string, string>;
  }
  return { homeserver, clock, api, form, register, clientId, askDevice, redeem, refresh, signedIn };
}

describe('where there is none', () => {
  test('its endpoints are not there, and asking for its control is a mistake', async () => {
    const homeserver = await startTestHomeserver();
    onTestFinished(() => homeserver.stop());
    const api = clientOf(homeserver.url);
    for (const path of ['v1/auth_metadata', 'unstable/org.matrix.msc2965/auth_metadata']) {
      expect((await api.get(`/_matrix/client/${path}`)).body.errcode).toBe('M_UNRECOGNIZED');
    }
    expect(() => homeserver.oauth).toThrow(/option oauth/);
  });
});

describe('metadata and registration', () => {
  const stable = '/_matrix/client/v1/auth_metadata';
  const unstable = '/_matrix/client/unstable/org.matrix.msc2965/auth_metadata';

  test.each([
    ['stable', 'are at both places', stable],
    ['stable', 'are at both places', unstable],
    ['unstable', 'are where they were before', unstable],
  ] as const)('%s metadata %s: %s', async (metadata, _, place) => {
    const { api, homeserver } = await started({ oauth: { metadata } });
    expect((await api.get(place)).body).toMatchObject({
      issuer: `${homeserver.url}/`,
      token_endpoint: `${homeserver.url}/oauth2/token`,
      device_authorization_endpoint: `${homeserver.url}/oauth2/device`,
    });
  });

  test('unstable metadata are at no other place', async () => {
    const { api } = await started({ oauth: { metadata: 'unstable' } });
    expect((await api.get(stable)).status).toBe(404);
  });

  test('a client is registered with 201, and needs an https client_uri', async () => {
    const { register } = await started();
    expect(await register()).toMatchObject({ status: 201, body: { client_name: 'A bot' } });
    expect(await register({ client_uri: 'http://bot.example/' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_client_metadata' },
    });
    expect(
      await register({ grant_types: ['authorization_code'], redirect_uris: ['http://127.0.0.1:80/x'] }),
    ).toMatchObject({ status: 400, body: { error: 'invalid_redirect_uri' } });
  });
});

describe('the device grant', () => {
  test('is pending with 403 until a person has approved, and is good once', async () => {
    const { homeserver, clock, api, askDevice, redeem } = await started();
    const { body } = await askDevice();
    expect(body).toMatchObject({ interval: 5, expires_in: 1200, verification_uri: `${homeserver.url}/link` });
    expect(await redeem(body['device_code'])).toMatchObject({
      status: 403,
      body: { error: 'authorization_pending' },
    });
    expect((await redeem(body['device_code'])).body).toMatchObject({ error: 'slow_down' });
    clock.now += 5_000;
    expect(homeserver.oauth.pending).toEqual([
      { userCode: body['user_code'], clientName: 'A bot', deviceId: 'BOTDEVICE1' },
    ]);
    homeserver.oauth.approve('@bot:localhost', String(body['user_code']));
    const granted = await redeem(body['device_code']);
    expect(granted).toMatchObject({
      status: 200,
      body: { token_type: 'Bearer', expires_in: 300, scope: SCOPE },
    });
    expect((await api.whoami(String(granted.body['access_token']))).body).toMatchObject({
      user_id: '@bot:localhost',
      device_id: 'BOTDEVICE1',
    });
    expect((await redeem(body['device_code'])).body).toMatchObject({ error: 'invalid_grant' });
  });

  test('denied, expired, of a client that was forgotten', async () => {
    const { homeserver, askDevice, redeem } = await started();
    const denied = await askDevice();
    homeserver.oauth.deny();
    expect(await redeem(denied.body['device_code'])).toMatchObject({
      status: 403,
      body: { error: 'access_denied' },
    });
    const expired = await askDevice();
    homeserver.oauth.expireDeviceCodes();
    expect(homeserver.oauth.pending).toEqual([]);
    expect((await redeem(expired.body['device_code'])).body).toMatchObject({ error: 'expired_token' });
    homeserver.oauth.forgetClients();
    expect(await askDevice()).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  test('its page lets a person approve with their password, or deny', async () => {
    const { askDevice, redeem, homeserver } = await started();
    const { body } = await askDevice();
    const link = String(body['verification_uri_complete']);
    expect(await (await fetch(link)).text()).toContain('A bot wants to sign in');
    const decide = (fields: Record<string, string>) =>
      fetch(`${homeserver.url}/link`, {
        method: 'POST',
        body: new URLSearchParams({ code: String(body['user_code']), ...fields }),
      });
    const wrong = await decide({ decision: 'approve', username: 'bot', password: 'wrong' });
    expect(wrong.status).toBe(403);
    await decide({ decision: 'approve', username: 'bot', password: 'pw' });
    expect((await redeem(body['device_code'])).status).toBe(200);
    const second = await askDevice();
    await decide({ code: String(second.body['user_code']), decision: 'deny' });
    expect((await redeem(second.body['device_code'])).body).toMatchObject({ error: 'access_denied' });
  });

  test.each([
    ['stable', SCOPE, 200],
    ['stable', SCOPE.replaceAll('client:', 'org.matrix.msc2967.client:'), 400],
    ['unstable', SCOPE, 400],
    ['unstable', SCOPE.replaceAll('client:', 'org.matrix.msc2967.client:'), 200],
    ['both', API, 400],
    ['both', `${SCOPE} urn:matrix:client:device:ANOTHERDEVICE`, 400],
    ['both', `${API} urn:matrix:client:device:SHORT`, 400],
  ] as const)('where scopes are %s, %s: %d', async (scopes, scope, status) => {
    const { askDevice } = await started({ oauth: { scopes } });
    expect((await askDevice(scope)).status).toBe(status);
  });
});

describe('the authorization code grant', () => {
  test('with PKCE, on a redirect to this computer', async () => {
    const { homeserver, form, register } = await started();
    const { body: client } = await register({
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: ['http://127.0.0.1/callback'],
    });
    const verifier = randomBytes(32).toString('base64url');
    const redirect = 'http://127.0.0.1:4711/callback';
    const fields = {
      client_id: client['client_id'] ?? '',
      redirect_uri: redirect,
      scope: SCOPE,
      state: 'a state',
      response_type: 'code',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    };
    const asked = await fetch(`${homeserver.url}/authorize?${new URLSearchParams(fields)}`);
    expect(await asked.text()).toContain('BOTDEVICE1');
    const decide = async (decision: Record<string, string>) => {
      const response = await fetch(`${homeserver.url}/authorize`, {
        method: 'POST',
        body: new URLSearchParams({ ...fields, ...decision }),
        redirect: 'manual',
      });
      return new URL(response.headers.get('location') ?? '').searchParams;
    };
    expect((await decide({ decision: 'deny' })).get('error')).toBe('access_denied');
    const answer = await decide({ decision: 'approve', username: 'bot', password: 'pw' });
    expect(answer.get('state')).toBe('a state');
    const redeem = (more: object = {}) =>
      form('/oauth2/token', {
        grant_type: 'authorization_code',
        client_id: fields.client_id,
        code: answer.get('code') ?? '',
        redirect_uri: redirect,
        code_verifier: verifier,
        ...more,
      });
    expect((await redeem()).status).toBe(200);
    expect((await redeem()).body).toMatchObject({ error: 'invalid_grant' });
    const other = await decide({ decision: 'approve', username: 'bot', password: 'pw' });
    expect((await redeem({ code: other.get('code'), code_verifier: 'another verifier' })).body).toMatchObject(
      { error: 'invalid_grant' },
    );
  });
});

describe('rotation', () => {
  test('the old access token ends at once; a lost answer is asked for again, and its pair is dead then', async () => {
    const { api, refresh, signedIn } = await started();
    const first = await signedIn();
    const lost = (await refresh(first['refresh_token'])).body as Record<string, string>;
    expect(refusalOf(await api.whoami(first['access_token'] ?? ''))).toEqual(NOT_ACTIVE);
    const second = (await refresh(first['refresh_token'])).body as Record<string, string>;
    expect(refusalOf(await api.whoami(lost['access_token'] ?? ''))).toEqual(NOT_ACTIVE);
    expect((await refresh(lost['refresh_token'])).body).toMatchObject({ error: 'invalid_grant' });
    expect((await api.whoami(second['access_token'] ?? '')).status).toBe(200);
    expect(await refresh(first['refresh_token'])).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
  });

  test('a refresh token is that of its client, and of OAuth 2.0 alone', async () => {
    const { api, refresh, register, signedIn } = await started();
    const { refresh_token: token = '' } = await signedIn();
    const { body: other } = await register();
    expect((await refresh(token, other['client_id'])).body).toMatchObject({ error: 'invalid_grant' });
    expect((await api.refresh(token)).body.errcode).toBe('M_UNKNOWN_TOKEN');
    const legacy = await api.login('bot', 'pw');
    expect((await refresh(legacy.body.refresh_token)).body).toMatchObject({ error: 'invalid_grant' });
  });

  test('a sign-in on a device ends the session that was there', async () => {
    const { api, homeserver, signedIn } = await started();
    const first = await signedIn();
    const second = await signedIn();
    expect(refusalOf(await api.whoami(first['access_token'] ?? ''))).toEqual(NOT_ACTIVE);
    expect((await api.whoami(second['access_token'] ?? '')).status).toBe(200);
    expect(homeserver.devices('@bot:localhost')).toEqual(['BOTDEVICE1']);
  });
});

describe('what the homeserver says of a token', () => {
  test('expired and garbage: not active, and soft_logout is false', async () => {
    const { api, clock, signedIn } = await started();
    const { access_token: token = '' } = await signedIn();
    clock.now += 300_001;
    expect(refusalOf(await api.whoami(token))).toEqual(NOT_ACTIVE);
    expect(refusalOf(await api.whoami('garbage'))).toEqual(NOT_ACTIVE);
  });

  test('introspection down: 503 without a word of the token', async () => {
    const { api, homeserver, signedIn } = await started();
    const { access_token: token = '' } = await signedIn();
    homeserver.oauth.introspectionDown = true;
    expect(refusalOf(await api.whoami(token))).toEqual({
      status: 503,
      body: { errcode: 'M_UNKNOWN', error: 'Unable to introspect the access token' },
    });
    homeserver.oauth.introspectionDown = false;
    expect((await api.whoami(token)).status).toBe(200);
  });

  test('of a locked account: not active, while a refresh goes on to succeed', async () => {
    const { api, homeserver, refresh, signedIn } = await started();
    const first = await signedIn();
    homeserver.setLocked('@bot:localhost', true);
    expect(refusalOf(await api.whoami(first['access_token'] ?? ''))).toEqual(NOT_ACTIVE);
    const second = await refresh(first['refresh_token']);
    expect(second.status).toBe(200);
    expect(refusalOf(await api.whoami(String(second.body['access_token'])))).toEqual(NOT_ACTIVE);
    expect((await api.login('bot', 'pw')).body).toEqual({
      errcode: 'M_USER_LOCKED',
      error: expect.any(String),
    });
  });

  test('revocation of either token ends the session and its device; a second one is no error', async () => {
    const { api, homeserver, form, clientId, signedIn } = await started();
    for (const kind of ['access_token', 'refresh_token']) {
      const tokens = await signedIn();
      const revoke = () => form('/oauth2/revoke', { client_id: clientId, token: tokens[kind] ?? '' });
      expect((await revoke()).status).toBe(200);
      expect((await revoke()).status).toBe(200);
      expect(refusalOf(await api.whoami(tokens['access_token'] ?? ''))).toEqual(NOT_ACTIVE);
      expect(homeserver.devices('@bot:localhost')).toEqual([]);
    }
  });
});

describe('the API of before, beside it', () => {
  test('its refresh consumes a refresh token at once', async () => {
    const { api } = await started();
    const { body } = await api.login('bot', 'pw');
    expect((await api.refresh(body.refresh_token)).status).toBe(200);
    expect(refusalOf(await api.refresh(body.refresh_token))).toMatchObject({
      status: 401,
      body: { error: 'Invalid refresh token' },
    });
  });

  test('logs no session of OAuth 2.0 out', async () => {
    const { api, signedIn } = await started();
    const { access_token: token = '' } = await signedIn();
    expect((await api.post('/logout', {}, token)).status).toBe(401);
    expect((await api.whoami(token)).status).toBe(200);
  });

  test('is not there without compatibility', async () => {
    const { api, signedIn } = await started({ oauth: { compatibility: false } });
    const { access_token: token = '' } = await signedIn();
    for (const answer of [
      await api.get('/login'),
      await api.login('bot', 'pw'),
      await api.refresh('x'),
      await api.post('/logout', {}, token),
    ]) {
      expect(answer).toMatchObject({ status: 404, body: { errcode: 'M_UNRECOGNIZED' } });
    }
  });
});
