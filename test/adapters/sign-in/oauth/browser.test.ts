import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { oauth } from '../../../../src/adapters/sign-in/oauth/index.ts';
import { meaningOf } from '../../../../src/index.ts';
import { startFaultProxy, startTestHomeserver } from '../../../../src/testing/index.ts';
import { contextFor } from '../context.ts';
import { CANARY } from '../describe-sign-in.ts';

async function started() {
  const homeserver = await startTestHomeserver({
    users: [{ localpart: 'bot', password: CANARY }],
    oauth: { deviceGrant: false },
  });
  const proxy = await startFaultProxy({ target: homeserver.url });
  onTestFinished(async () => {
    await proxy.stop();
    await homeserver.stop();
  });
  return { homeserver, proxy };
}

/** What a person does in a browser with this link: the answer goes back to where the server sends it. */
async function decide(
  link: string,
  decision: Record<string, string>,
): Promise<{ status: number; text: string }> {
  const { origin, searchParams } = new URL(link);
  const response = await fetch(`${origin}/authorize`, {
    method: 'POST',
    body: new URLSearchParams({ ...Object.fromEntries(searchParams), ...decision }),
  });
  return { status: response.status, text: await response.text() };
}

const approval = { decision: 'approve', username: 'bot', password: CANARY };

function signIn(url: string, options: Parameters<typeof oauth>[0] = {}, signal?: AbortSignal) {
  const link = Promise.withResolvers<string>();
  const way = oauth(options);
  const answer = way.begin({
    ...contextFor(url, signal === undefined ? {} : { signal }),
    ask: (request) => link.resolve(String(request.link)),
  });
  return { way, answer, link: link.promise };
}

it('a person approves in a browser on this computer, with PKCE, on a port that is free', async () => {
  const { proxy } = await started();
  const { answer, link } = signIn(proxy.url);
  const asked = new URL(await link).searchParams;
  expect(Object.fromEntries(asked)).toMatchObject({
    response_type: 'code',
    response_mode: 'query',
    code_challenge_method: 'S256',
    redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/),
    scope: 'urn:matrix:client:api:* urn:matrix:client:device:BOTDEVICE1',
  });
  const page = await decide(await link, approval);
  expect(page).toEqual({ status: 200, text: expect.stringContaining('can be closed') });
  expect(await answer).toMatchObject({
    ok: true,
    value: { kind: 'oauth', userId: '@bot:localhost', deviceId: 'BOTDEVICE1' },
  });
  // Nothing listens any more.
  await expect(fetch(String(asked.get('redirect_uri')))).rejects.toThrow('fetch failed');
});

it('denied: refused, in words that say so', async () => {
  const { proxy } = await started();
  const { way, answer, link } = signIn(proxy.url);
  await decide(await link, { decision: 'deny' });
  const refusal = await answer;
  expect(!refusal.ok && meaningOf(refusal.rejection)).toBe('login-refused');
  expect(way.advice.refused).toContain('denied');
});

it('what is no answer to this question is told so, and waited past', async () => {
  const { proxy } = await started();
  const { answer, link } = signIn(proxy.url);
  const redirect = String(new URL(await link).searchParams.get('redirect_uri'));
  for (const query of ['', '?code=x&state=forged', '?error=access_denied&state=forged', '?code=x']) {
    const response = await fetch(`${redirect}${query}`);
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain('forged');
  }
  expect((await fetch(redirect.replace('/callback', '/other'))).status).toBe(400);
  await decide(await link, approval);
  expect(await answer).toMatchObject({ ok: true });
});

it('trouble with the exchange of the code is met by a few tries', async () => {
  const { proxy } = await started();
  const { answer, link } = signIn(proxy.url);
  proxy.inject({ match: { path: '/oauth2/token' }, fault: { kind: 'answer', status: 503, body: {} } });
  await decide(await link, approval);
  expect(await answer).toMatchObject({ ok: true });
  expect(proxy.count({ path: '/oauth2/token' })).toBe(2);
});

it('a code that is refused is trouble: the person is asked again', async () => {
  const { proxy } = await started();
  const { answer, link } = signIn(proxy.url);
  const body = { error: 'invalid_grant' };
  proxy.inject({ match: { path: '/oauth2/token' }, fault: { kind: 'answer', status: 400, body } });
  await decide(await link, approval);
  const refusal = await answer;
  expect(!refusal.ok && meaningOf(refusal.rejection)).toBe('transient');
});

it('its signal ends it', async () => {
  const { proxy } = await started();
  const ended = new AbortController();
  const { answer, link } = signIn(proxy.url, {}, ended.signal);
  await link;
  ended.abort();
  expect(await answer).toMatchObject({ ok: false, rejection: { trouble: 'unreachable' } });
});

it('a port that is taken is trouble, and says which', async () => {
  const { proxy } = await started();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const { answer } = signIn(proxy.url, { port });
  const refusal = await answer;
  expect(!refusal.ok && meaningOf(refusal.rejection)).toBe('transient');
  expect(!refusal.ok && refusal.rejection.detail).toMatchObject({
    code: 'port-taken',
    what: expect.stringContaining(String(port)),
  });
});

/** What the browser is sent back with, with an issuer in it (RFC 9207). */
async function comeBack(link: string, issuer: string): Promise<Response> {
  const { origin, searchParams } = new URL(link);
  const body = new URLSearchParams({ ...Object.fromEntries(searchParams), ...approval });
  const answer = await fetch(`${origin}/authorize`, { method: 'POST', body, redirect: 'manual' });
  const back = new URL(answer.headers.get('location') ?? '');
  back.searchParams.set('iss', issuer);
  return fetch(back);
}

it('an issuer with a slash less or more at its end is the same', async () => {
  const { proxy } = await started();
  const { answer, link } = signIn(proxy.url);
  expect((await comeBack(await link, proxy.url)).status).toBe(200);
  expect(await answer).toMatchObject({ ok: true, value: { renewal: { issuer: `${proxy.url}/` } } });
});

it('another issuer than the metadata name is refused, and nothing is sent to anybody', async () => {
  const { proxy } = await started();
  const { way, answer, link } = signIn(proxy.url);
  await comeBack(await link, 'https://account.example.org');
  const refusal = await answer;
  expect(!refusal.ok && meaningOf(refusal.rejection)).toBe('login-refused');
  expect(way.advice.refused).toMatch(
    new RegExp(`issuer \\(https://account\\.example\\.org/\\).*name \\(${proxy.url}/\\).*administrator`),
  );
  expect(proxy.count({ path: '/oauth2/token' })).toBe(0);
});
