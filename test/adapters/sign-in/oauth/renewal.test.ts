import { expect, it, onTestFinished } from 'vitest';
import { createHomeserver } from '../../../../src/adapters/homeserver/index.ts';
import { oauth, oauthRenewal } from '../../../../src/adapters/sign-in/oauth/index.ts';
import { meaningOf, type RenewalContext, Secret, type TokenGrant } from '../../../../src/index.ts';
import { type Fault, startFaultProxy, startTestHomeserver } from '../../../../src/testing/index.ts';
import { contextFor } from '../context.ts';
import { CANARY } from '../describe-sign-in.ts';

async function signedIn() {
  const homeserver = await startTestHomeserver({
    users: [{ localpart: 'bot', password: CANARY }],
    oauth: { pollIntervalMs: 50 },
  });
  const proxy = await startFaultProxy({ target: homeserver.url });
  onTestFinished(async () => {
    await proxy.stop();
    await homeserver.stop();
  });
  const answer = await oauth().begin({
    ...contextFor(proxy.url),
    ask: () => homeserver.oauth.approve('@bot:localhost'),
  });
  if (!answer.ok) throw new Error('It was not signed in.');
  const grant = answer.value as TokenGrant & Required<Pick<TokenGrant, 'refreshToken' | 'renewal'>>;
  const context = (more: Partial<RenewalContext> = {}): RenewalContext => ({
    homeserver: createHomeserver({ url: proxy.url }),
    homeserverUrl: proxy.url,
    fetch,
    timeoutMs: 500,
    data: grant.renewal,
    signal: new AbortController().signal,
    ...more,
  });
  proxy.clear();
  return { homeserver, proxy, grant, context, renewal: oauthRenewal() };
}

const json = { 'content-type': 'application/json' };
const html = { 'content-type': 'text/html' };
const answering = (status: number, body: string | object, headers: Record<string, string> = json): Fault => ({
  kind: 'answer',
  status,
  headers,
  body,
});

it('exchanges the refresh token for a new pair, and keeps what it has to know', async () => {
  const { proxy, grant, context, renewal } = await signedIn();
  const answer = await renewal.renew(grant.refreshToken, context());
  expect(answer).toMatchObject({
    ok: true,
    value: { kind: 'oauth', expiresInMs: 300_000, renewal: grant.renewal },
  });
  expect(answer.ok && answer.value.refreshToken?.equals(grant.refreshToken)).toBe(false);
  // The API of before is left alone.
  expect(proxy.requests.map(({ path }) => path)).toEqual([
    '/_matrix/client/v1/auth_metadata',
    '/oauth2/token',
  ]);
});

it('asks for the metadata once, while it is fresh', async () => {
  const { proxy, grant, context, renewal } = await signedIn();
  const first = await renewal.renew(grant.refreshToken, context());
  if (!first.ok || first.value.refreshToken === undefined) throw new Error('It was not renewed.');
  await renewal.renew(first.value.refreshToken, context());
  expect(proxy.count({ path: '/auth_metadata' })).toBe(1);
});

it.each<[string, Fault]>([
  ['503', answering(503, { errcode: 'M_UNKNOWN' })],
  ['404', answering(404, { errcode: 'M_UNRECOGNIZED' })],
  ['HTML', answering(200, '<h1>Welcome</h1>', html)],
  ['silence', { kind: 'hang' }],
  ['a connection that ends', { kind: 'cut' }],
])('metadata answered with %s: what was kept with the session is enough', async (_, fault) => {
  const { proxy, grant, context, renewal } = await signedIn();
  proxy.inject({ match: { path: '/auth_metadata' }, fault, times: 2 });
  expect(await renewal.renew(grant.refreshToken, context())).toMatchObject({ ok: true });
});

it.each<[string, Fault, string]>([
  ['invalid_grant', answering(400, { error: 'invalid_grant' }), 'refresh-dead'],
  ['invalid_grant with 401', answering(401, { error: 'invalid_grant' }), 'refresh-dead'],
  [
    'invalid_grant with an error code of Matrix',
    answering(400, { error: 'invalid_grant', errcode: 'M_UNKNOWN' }),
    'refresh-dead',
  ],
  [
    'a refusal in the way of Matrix',
    answering(401, { errcode: 'M_UNKNOWN_TOKEN', error: 'Invalid refresh token' }),
    'refresh-dead',
  ],
  ['a client that is not known', answering(401, { error: 'invalid_client' }), 'refresh-dead'],
  ['429', answering(429, { error: 'invalid_grant' }), 'transient'],
  ['408', answering(408, {}), 'transient'],
  ['500', answering(500, { error: 'invalid_grant' }), 'transient'],
  ['server_error', answering(400, { error: 'server_error' }), 'transient'],
  ['slow_down', answering(400, { error: 'slow_down' }), 'transient'],
  ['authorization_pending', answering(400, { error: 'authorization_pending' }), 'transient'],
  ['invalid_request', answering(400, { error: 'invalid_request' }), 'transient'],
  ['an error that is one of every object', answering(400, { error: 'constructor' }), 'transient'],
  ['400 without a word', answering(400, {}), 'transient'],
  ['401 in HTML', answering(401, '<h1>Sign in</h1>', html), 'transient'],
  ['404', answering(404, {}), 'transient'],
  ['HTML', answering(200, '<h1>Welcome</h1>', html), 'transient'],
  ['JSON without a token', answering(200, { token: 'x' }), 'transient'],
  ['a token that no header can carry', answering(200, { access_token: 'a b' }), 'transient'],
  ['silence', { kind: 'hang' }, 'transient'],
  ['a connection that ends', { kind: 'cut' }, 'transient'],
  ['a redirect', answering(302, '', { location: 'https://elsewhere.example/' }), 'transient'],
])('%s: %3$s', async (_, fault, meaning) => {
  const { proxy, grant, context, renewal } = await signedIn();
  proxy.inject({ match: { path: '/oauth2/token' }, fault });
  const answer = await renewal.renew(grant.refreshToken, context());
  expect(!answer.ok && meaningOf(answer.rejection)).toBe(meaning);
  expect(!answer.ok && answer.rejection.endpoint).toBe('refresh');
  if (meaning === 'transient')
    expect(await renewal.renew(grant.refreshToken, context())).toMatchObject({ ok: true });
});

it('says how long the server asked to wait', async () => {
  const { proxy, grant, context, renewal } = await signedIn();
  proxy.inject({
    match: { path: '/oauth2/token' },
    fault: answering(429, {}, { ...json, 'retry-after': '7' }),
  });
  const answer = await renewal.renew(grant.refreshToken, context());
  expect(!answer.ok && answer.rejection.retryAfterMs).toBe(7_000);
});

it.each<[string, object, object]>([
  ['no token_type, which nothing needs', { token_type: undefined }, { expiresInMs: 60_000 }],
  ['another token_type', { token_type: 'MAC' }, { expiresInMs: 60_000 }],
  ['a lifetime in a string', { expires_in: '60' }, { expiresInMs: 60_000 }],
  ['a lifetime that is none', { expires_in: 'soon' }, {}],
  ['no lifetime', { expires_in: undefined }, {}],
  ['a lifetime below zero', { expires_in: -5 }, {}],
  ['a lifetime of null', { expires_in: null }, {}],
  ['a refresh token of null', { refresh_token: null }, { expiresInMs: 60_000 }],
  ['an id_token of nonsense', { id_token: 'x.y.z' }, { expiresInMs: 60_000 }],
  ['a scope of nonsense', { scope: 7 }, { expiresInMs: 60_000 }],
])('a pair that was granted is taken with %s', async (_, odd, expected) => {
  const { proxy, grant, context, renewal } = await signedIn();
  const body = { access_token: 'canary-at-2', refresh_token: 'canary-rt-2', expires_in: 60, ...odd };
  proxy.inject({ match: { path: '/oauth2/token' }, fault: answering(200, body) });
  const answer = await renewal.renew(grant.refreshToken, context());
  expect(answer).toMatchObject({ ok: true, value: expected });
  if (!answer.ok) return;
  expect(answer.value.accessToken.reveal()).toBe('canary-at-2');
  if (!('expiresInMs' in expected)) expect(answer.value).not.toHaveProperty('expiresInMs');
});

it('an address without https in the metadata of a homeserver with https is not used', async () => {
  const sent: string[] = [];
  const endpoints = {
    issuer: 'https://hs.example/',
    token_endpoint: 'http://hs.example/token',
    revocation_endpoint: 'https://hs.example/revoke',
  };
  const stub = (async (input: string) => {
    sent.push(input);
    return new Response(JSON.stringify(endpoints), { headers: json });
  }) as typeof fetch;
  const answer = await oauthRenewal().renew(new Secret('canary-rt'), {
    homeserver: createHomeserver({ url: 'https://hs.example' }),
    homeserverUrl: 'https://hs.example',
    fetch: stub,
    data: { clientId: 'c' },
    signal: new AbortController().signal,
  });
  expect(!answer.ok && meaningOf(answer.rejection)).toBe('transient');
  expect(sent).toEqual(['https://hs.example/_matrix/client/v1/auth_metadata']);
});

it('ends a session at the authorization server', async () => {
  const { homeserver, proxy, grant, context, renewal } = await signedIn();
  expect(await renewal.end?.(grant, context())).toEqual({ ok: true, value: undefined });
  expect(homeserver.devices('@bot:localhost')).toEqual([]);
  expect(proxy.count({ path: '/oauth2/revoke' })).toBe(1);
  // One that is ended already is no error.
  expect(await renewal.end?.(grant, context())).toEqual({ ok: true, value: undefined });
  proxy.inject({ match: { path: '/oauth2/revoke' }, fault: answering(503, {}) });
  expect(await renewal.end?.(grant, context())).toMatchObject({ ok: false, rejection: { status: 503 } });
});
