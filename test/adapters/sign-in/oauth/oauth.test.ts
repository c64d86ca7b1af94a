import { expect, it, onTestFinished, vi } from 'vitest';
import { oauth } from '../../../../src/adapters/sign-in/oauth/index.ts';
import { meaningOf, type SignIn } from '../../../../src/index.ts';
import {
  type Fault,
  startFaultProxy,
  startTestHomeserver,
  type TestHomeserver,
  type TestHomeserverOptions,
} from '../../../../src/testing/index.ts';
import { contextFor } from '../context.ts';
import { CANARY, describeSignIn } from '../describe-sign-in.ts';

const quick = { pollIntervalMs: 50 };

/** A way to sign in whose person does this as soon as they are asked. */
function answered(way: SignIn, decide: () => void): SignIn {
  return {
    ...way,
    kind: way.kind,
    get advice() {
      return way.advice;
    },
    begin: (context) => way.begin({ ...context, ask: decide }),
  };
}

describeSignIn('OAuth 2.0', {
  homeserver: { oauth: quick },
  requests: /^\/oauth2\//,
  alwaysRefreshes: true,
  right: (homeserver) => answered(oauth(), () => homeserver.oauth.approve('@bot:localhost')),
  wrong: (_, homeserver) => answered(oauth(), () => homeserver.oauth.deny()),
});

async function started(options: TestHomeserverOptions = {}) {
  const homeserver = await startTestHomeserver({
    users: [
      { localpart: 'bot', password: CANARY },
      { localpart: 'alice', password: CANARY },
    ],
    oauth: quick,
    ...options,
  });
  const proxy = await startFaultProxy({ target: homeserver.url });
  onTestFinished(async () => {
    await proxy.stop();
    await homeserver.stop();
  });
  const context = (more: object = {}) => contextFor(proxy.url, more);
  return { homeserver, proxy, context };
}

const approve = (homeserver: TestHomeserver) => homeserver.oauth.approve('@bot:localhost');
const asked = async (context: { readonly asked: readonly unknown[] }, count = 1) => {
  while (context.asked.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
};

it('tells a person the link and the code, and until when they are good', async () => {
  const { homeserver, proxy, context } = await started();
  const given = context();
  const answer = oauth({ clientName: 'A bot of mine' }).begin(given);
  await asked(given);
  const [{ userCode, clientName, deviceId } = {}] = homeserver.oauth.pending;
  expect(clientName).toBe('A bot of mine');
  expect(deviceId).toBe('BOTDEVICE1');
  expect(given.asked).toEqual([
    {
      message: expect.stringContaining(String(userCode)),
      link: `${proxy.url}/link?code=${userCode}`,
      code: userCode,
      expiresAt: expect.any(Number),
    },
  ]);
  approve(homeserver);
  expect(await answer).toMatchObject({
    ok: true,
    value: {
      kind: 'oauth',
      userId: '@bot:localhost',
      deviceId: 'BOTDEVICE1',
      renewal: { clientId: expect.any(String), tokenEndpoint: `${proxy.url}/oauth2/token` },
    },
  });
});

const json = { 'content-type': 'application/json' };
const html = { 'content-type': 'text/html' };

it.each<[string, Fault]>([
  ['429', { kind: 'answer', status: 429, headers: { ...json, 'retry-after': '0' }, body: {} }],
  ['503', { kind: 'answer', status: 503, body: {} }],
  ['502 in HTML', { kind: 'answer', status: 502, headers: html, body: '<h1>Bad gateway</h1>' }],
  ['HTML with 200', { kind: 'answer', status: 200, headers: html, body: '<h1>Welcome</h1>' }],
  ['HTML with 403', { kind: 'answer', status: 403, headers: html, body: '<h1>No</h1>' }],
  ['a connection that ends', { kind: 'cut' }],
  ['half a body', { kind: 'cut-body' }],
  ['an error that nobody knows', { kind: 'answer', status: 400, body: { error: 'tea_time' } }],
])('while it waits, %s is no end', async (_, fault) => {
  const { homeserver, proxy, context } = await started();
  const given = context();
  const way = oauth();
  const token = { path: '/oauth2/token' };
  proxy.inject({ match: token, fault, times: 2 });
  const answer = way.begin(given);
  await proxy.waitFor(token, { count: 3 });
  approve(homeserver);
  expect(await answer).toMatchObject({ ok: true });
  expect(given.asked).toHaveLength(1);
});

it('silence is no end either, and trouble that lasts is told; the code is waited for again, and not asked for', async () => {
  const { homeserver, proxy, context } = await started();
  const way = oauth();
  const first = context({ timeoutMs: 1_000 });
  proxy.inject({ match: { path: '/oauth2/token' }, fault: { kind: 'hang' }, times: 3 });
  const trouble = await way.begin(first);
  expect(!trouble.ok && meaningOf(trouble.rejection)).toBe('transient');
  expect(!trouble.ok && trouble.rejection.trouble).toBe('timeout');
  const second = context();
  approve(homeserver);
  expect(await way.begin(second)).toMatchObject({ ok: true });
  expect([first.asked.length, second.asked.length]).toEqual([1, 0]);
  expect(homeserver.oauth.registrations).toBe(1);
});

it('interrupted, and begun again: the person is not asked anew, and the code that they have is good', async () => {
  const { homeserver, context } = await started();
  const way = oauth();
  const ended = new AbortController();
  const first = context({ signal: ended.signal });
  const interrupted = way.begin(first);
  await asked(first);
  ended.abort();
  expect(await interrupted).toMatchObject({ ok: false, rejection: { trouble: 'unreachable' } });
  const second = context();
  const answer = way.begin(second);
  approve(homeserver);
  expect(await answer).toMatchObject({ ok: true });
  expect(second.asked).toEqual([]);
});

it('a code that has run out is followed by another one', async () => {
  const { homeserver, context } = await started({ oauth: { ...quick, deviceCodeLifetimeMs: 15_000 } });
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const given = context();
  const answer = oauth().begin(given);
  await asked(given);
  vi.advanceTimersByTime(16_000);
  await asked(given, 2);
  const [first, second] = given.asked.map(({ code }) => code);
  homeserver.oauth.approve('@bot:localhost', second);
  expect(await answer).toMatchObject({ ok: true });
  expect(second).not.toBe(first);
});

it('a clock that is set ends no code', async () => {
  const { now } = Date;
  const { homeserver, context } = await started({ now });
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const given = context();
  const answer = oauth().begin(given);
  await asked(given);
  vi.setSystemTime(Date.now() + 3_600_000);
  approve(homeserver);
  expect(await answer).toMatchObject({ ok: true });
  expect(given.asked).toHaveLength(1);
});

it.each<[string, number, (homeserver: TestHomeserver) => void]>([
  ['that is refused at once', 1_200_000, (homeserver) => homeserver.oauth.expireDeviceCodes()],
  ['that is good for a moment only', 300, () => {}],
])('a code %s is trouble, so that nobody is flooded with codes', async (_, deviceCodeLifetimeMs, ask) => {
  const { homeserver, context } = await started({ oauth: { ...quick, deviceCodeLifetimeMs } });
  const way = oauth();
  const answer = await way.begin({ ...context(), ask: () => ask(homeserver) });
  expect(!answer.ok && answer.rejection.errcode).toBe('expired_token');
  expect(!answer.ok && meaningOf(answer.rejection)).toBe('transient');
  // The next time it is another code.
  const next = context();
  const interrupted = new AbortController();
  const second = way.begin({ ...next, signal: interrupted.signal });
  await asked(next);
  interrupted.abort();
  await second;
});

it('denied: refused, in words that say so', async () => {
  const { homeserver, context } = await started();
  const way = oauth();
  const answer = await way.begin({ ...context(), ask: () => homeserver.oauth.deny() });
  expect(!answer.ok && meaningOf(answer.rejection)).toBe('login-refused');
  expect(way.advice.refused).toMatch(/denied.*retry\(\)/);
});

it('a client that the server has forgotten is registered anew, and the person gets another code', async () => {
  const { homeserver, context } = await started();
  const given = context();
  const answer = oauth().begin(given);
  await asked(given);
  homeserver.oauth.forgetClients();
  await asked(given, 2);
  homeserver.oauth.approve('@bot:localhost', given.asked[1]?.code);
  expect(await answer).toMatchObject({ ok: true });
  expect(homeserver.oauth.registrations).toBe(2);
});

it('a client that was given is not registered, and refused where it is not known', async () => {
  const { homeserver, context } = await started();
  const way = oauth({ clientId: 'a client' });
  const answer = await way.begin(context());
  expect(!answer.ok && meaningOf(answer.rejection)).toBe('login-refused');
  expect(way.advice.refused).toContain('option clientId');
  expect(homeserver.oauth.registrations).toBe(0);
});

it('a client that may not be registered: refused, with what to do', async () => {
  const { context } = await started();
  const way = oauth({ clientUri: 'http://my.bot/' });
  const answer = await way.begin(context());
  expect(!answer.ok && meaningOf(answer.rejection)).toBe('login-refused');
  expect(way.advice.refused).toContain('clientUri');
});

it.each([
  { metadata: 'stable', scopes: 'stable' },
  { metadata: 'stable', scopes: 'unstable' },
  { metadata: 'unstable', scopes: 'unstable' },
  { metadata: 'unstable', scopes: 'stable' },
] as const)('metadata at its $metadata place, scopes with the $scopes prefix', async (places) => {
  const { homeserver, context } = await started({ oauth: { ...quick, ...places } });
  const answer = await oauth().begin({ ...context(), ask: () => approve(homeserver) });
  expect(answer).toMatchObject({ ok: true, value: { deviceId: 'BOTDEVICE1' } });
});

it('a device id that no scope can name is refused, with advice, and nothing is sent', async () => {
  const { proxy, context } = await started();
  const way = oauth();
  const answer = await way.begin(context({ deviceId: 'my device' }));
  expect(!answer.ok && meaningOf(answer.rejection)).toBe('login-refused');
  expect(way.advice.refused).toContain('deviceId');
  expect(proxy.requests).toEqual([]);
});

it('a device id that the server does not take is refused, with advice', async () => {
  const { context } = await started();
  const way = oauth();
  const answer = await way.begin(context({ deviceId: 'SHORT' }));
  expect(!answer.ok && meaningOf(answer.rejection)).toBe('login-refused');
  expect(way.advice.refused).toContain('deviceId');
});

it.each<[string, object, object]>([
  ['the stored session', {}, { userId: '@bot:localhost' }],
  ['the option username', { username: 'bot' }, {}],
])(
  'approved as somebody else than %s says: refused, and that session is revoked',
  async (_, options, more) => {
    const { homeserver, context } = await started();
    const way = oauth(options);
    const answer = await way.begin({
      ...context(more),
      ask: () => homeserver.oauth.approve('@alice:localhost'),
    });
    expect(!answer.ok && meaningOf(answer.rejection)).toBe('login-refused');
    expect(way.advice.refused).toMatch(/approved as @alice:localhost.*the bot is @?bot/);
    expect(homeserver.devices('@alice:localhost')).toEqual([]);
  },
);

it('a homeserver without OAuth 2.0 does not support it', async () => {
  const { context } = await started({ oauth: false });
  const answer = await oauth().begin(context());
  expect(!answer.ok && meaningOf(answer.rejection)).toBe('unsupported');
});

it('a server without the device grant does not support it where it is asked for', async () => {
  const { context } = await started({ oauth: { ...quick, deviceGrant: false } });
  const answer = await oauth({ grant: 'device' }).begin(context());
  expect(!answer.ok && meaningOf(answer.rejection)).toBe('unsupported');
});

it('asked to slow down it does', async () => {
  const { homeserver, proxy, context } = await started();
  const given = context();
  const body = { error: 'slow_down' };
  const { hit } = proxy.inject({
    match: { path: '/oauth2/token' },
    fault: { kind: 'answer', status: 400, body },
  });
  const answer = oauth().begin(given);
  await hit;
  approve(homeserver);
  expect(await answer).toMatchObject({ ok: true });
  const [first, second] = proxy.requests.filter(({ path }) => path === '/oauth2/token');
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(5_000);
});
