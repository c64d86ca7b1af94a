import { expect, it, onTestFinished } from 'vitest';
import { type OAuthOptions, oauth } from '../../../../src/adapters/sign-in/oauth/index.ts';
import { meaningOf } from '../../../../src/index.ts';
import {
  type Fault,
  type FaultProxy,
  startFaultProxy,
  startTestHomeserver,
} from '../../../../src/testing/index.ts';
import { contextFor } from '../context.ts';

type Metadata = Record<string, unknown>;
type Wrong = (proxy: FaultProxy) => void;

/** The homeserver's metadata of its authorization server are not as they should be. */
const metadata =
  (change: (metadata: Metadata) => Metadata): Wrong =>
  (proxy) => {
    const body = (text: string) => JSON.stringify(change(JSON.parse(text)));
    proxy.inject({ match: { path: /auth_metadata$/ }, fault: { kind: 'rewrite', body } });
  };

const without = (name: string) => metadata(({ [name]: _, ...others }) => others);

const answering =
  (path: string, status: number, body: object | string, headers: Record<string, string> = {}): Wrong =>
  (proxy) => {
    const fault: Fault = { kind: 'answer', status, body, headers };
    proxy.inject({ match: { path }, times: Number.POSITIVE_INFINITY, fault });
  };

const html = { 'content-type': 'text/html' };

async function signIn(wrong: Wrong, options: OAuthOptions = {}) {
  const homeserver = await startTestHomeserver({ oauth: { pollIntervalMs: 50 } });
  const proxy = await startFaultProxy({ target: homeserver.url });
  onTestFinished(async () => {
    await proxy.stop();
    await homeserver.stop();
  });
  wrong(proxy);
  const way = oauth(options);
  const answer = await way.begin(contextFor(proxy.url));
  if (answer.ok) throw new Error('It is signed in.');
  return { advice: way.advice, meaning: meaningOf(answer.rejection), detail: answer.rejection.detail };
}

it.each<[string, Wrong, OAuthOptions, RegExp]>([
  [
    'a server without device grant',
    without('device_authorization_endpoint'),
    { grant: 'device' },
    /grant: "browser"/,
  ],
  [
    'one without sign-in in a browser',
    without('authorization_endpoint'),
    { grant: 'browser' },
    /option grant/,
  ],
  ['one that registers no clients', without('registration_endpoint'), {}, /no clients.*option clientId/],
  [
    'a client that may not sign in like this',
    answering('/oauth2/device', 400, { error: 'unauthorized_client' }),
    {},
    /does not let this client.*option clientId/,
  ],
])('%s: not supported, in words of its own', async (_, wrong, options, words) => {
  const { advice, meaning } = await signIn(wrong, options);
  expect(meaning).toBe('unsupported');
  expect(advice.unsupported).toMatch(words);
});

it.each([
  [401, 'invalid_token'],
  [403, 'access_denied'],
  [403, 'insufficient_scope'],
])(
  'a server that lets nobody register (%i %s): refused, and a client id is advised',
  async (status, error) => {
    const { advice, meaning } = await signIn(answering('/oauth2/registration', status, { error }));
    expect(meaning).toBe('login-refused');
    expect(advice.refused).toMatch(
      new RegExp(`register themselves \\(${status} ${error}\\).*option clientId`),
    );
  },
);

it.each<[string, Wrong, string, RegExp]>([
  ['metadata without an issuer', without('issuer'), 'malformed-answer', /no issuer/],
  ['metadata without a token endpoint', without('token_endpoint'), 'malformed-answer', /no token_endpoint/],
  [
    'a token endpoint that is a path',
    metadata((given) => ({ ...given, token_endpoint: '/token' })),
    'malformed-answer',
    /token_endpoint is no address/,
  ],
  [
    'a code without a link',
    answering('/oauth2/device', 200, { device_code: 'x', user_code: 'y' }),
    'malformed-answer',
    /authorization server.*has not in it/,
  ],
  [
    'a registration that a firewall refuses',
    answering('/oauth2/registration', 403, '<title>Blocked</title>', html),
    'access-denied',
    /authorization server.*403, text\/html, "Blocked"/,
  ],
  [
    'a registration that fails in its own words',
    answering('/oauth2/registration', 400, { error: 'tea_time' }),
    'homeserver-refuses',
    /the authorization server refuses a request: 400 tea_time/,
  ],
  [
    'a page in place of the registration',
    answering('/oauth2/registration', 404, '<title>Not here</title>', html),
    'no-authorization-server',
    /404, text\/html, "Not here"/,
  ],
  [
    'a captive portal’s page at the token endpoint',
    answering('/oauth2/token', 200, '<title>Welcome to the train</title>', html),
    'no-authorization-server',
    /"Welcome to the train"/,
  ],
  [
    'its redirect',
    answering('/oauth2/token', 302, '', { location: 'http://portal.example/login' }),
    'no-authorization-server',
    /authorization server redirects \(302\) to http:\/\/portal\.example\/login/,
  ],
  [
    'its 511',
    answering('/oauth2/token', 511, '<title>Pay</title>', html),
    'access-denied',
    /sign in to it first/,
  ],
])('%s: trouble that is told, and asked again later', async (_, wrong, code, what) => {
  const { meaning, detail } = await signIn(wrong);
  expect(meaning).toBe('transient');
  expect(detail).toEqual({ code, what: expect.stringMatching(what) });
});

it('a token endpoint of http behind a homeserver of https is not used, and told', async () => {
  const issuer = 'https://account.example.org/';
  const body = { issuer, token_endpoint: 'http://account.example.org/token' };
  const asked: string[] = [];
  const answer = await oauth().begin({
    ...contextFor('https://matrix.example.org'),
    fetch: async (input) => {
      asked.push(new Request(input).url);
      return Response.json(body);
    },
  });
  expect(asked).toEqual(['https://matrix.example.org/_matrix/client/v1/auth_metadata']);
  expect(!answer.ok && meaningOf(answer.rejection)).toBe('transient');
  expect(!answer.ok && answer.rejection.detail?.what).toMatch(/token_endpoint is not https/);
});

it.each(['/', ''])(
  'metadata of an issuer on another host, whose name ends with "%s", are taken',
  async (end) => {
    const homeserver = await startTestHomeserver({
      users: [{ localpart: 'bot', password: 'pw' }],
      oauth: { pollIntervalMs: 50 },
    });
    const proxy = await startFaultProxy({ target: homeserver.url });
    onTestFinished(async () => {
      await proxy.stop();
      await homeserver.stop();
    });
    const issuer = `https://account.example.org${end}`;
    metadata((given) => ({ ...given, issuer }))(proxy);
    const answer = await oauth().begin({
      ...contextFor(proxy.url),
      ask: () => homeserver.oauth.approve('@bot:localhost'),
    });
    expect(answer).toMatchObject({ ok: true, value: { renewal: { issuer } } });
  },
);
