import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import {
  type FaultProxy,
  type RequestMatch,
  startFaultProxy,
  startTestHomeserver,
} from '../../src/testing/index.ts';
import { listenOnLoopback } from '../../src/testing/listen.ts';
import { fingerprintOf } from '../../src/ports/secret.ts';
import { clientOf, failureOf } from './client.ts';

/** A target that notes what reaches it, and a proxy before it. */
async function started(answer: RequestListener = (_, response) => response.end('{"ok":true}')) {
  const arrived: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    arrived.push(request);
    answer(request, response);
  });
  const port = await listenOnLoopback(server, 0);
  const proxy = await startFaultProxy({ target: `http://127.0.0.1:${port}` });
  onTestFinished(async () => {
    await proxy.stop();
    server.closeAllConnections();
    server.close();
  });
  return { proxy, arrived, target: `http://127.0.0.1:${port}` };
}

const get = (proxy: FaultProxy, path: string, init?: RequestInit) => fetch(`${proxy.url}${path}`, init);

test('passes requests and answers through as they are', async () => {
  const { proxy, arrived } = await started((request, response) => {
    response.writeHead(201, 'Made', { 'x-answer': 'yes', 'set-cookie': ['a=1', 'b=2'] });
    request.pipe(response);
  });
  const response = await get(proxy, '/a/path?with=query', {
    method: 'POST',
    headers: { 'x-question': 'what' },
    body: 'the body',
  });
  expect([response.status, response.statusText, await response.text()]).toEqual([201, 'Made', 'the body']);
  expect(response.headers.get('x-answer')).toBe('yes');
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(arrived[0]).toMatchObject({ method: 'POST', url: '/a/path?with=query' });
  expect(arrived[0]?.headers).toMatchObject({
    'x-question': 'what',
    host: expect.stringContaining('127.0.0.1:'),
  });
});

test('streams: what the target has sent arrives before it is done', async () => {
  const { proxy } = await started((request, response) => {
    response.write('first');
    request.socket.once('close', () => response.end());
  });
  const response = await get(proxy, '/');
  const reader = response.body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('first');
  await reader?.cancel();
});

test('keeps the path of the target', async () => {
  const { arrived, target } = await started();
  await using proxy = await startFaultProxy({ target: `${target}/below/` });
  await get(proxy, '/_matrix/client/versions');
  expect(arrived[0]?.url).toBe('/below/_matrix/client/versions');
});

test('a target that is no URL is refused', async () => {
  await expect(startFaultProxy({ target: 'localhost:8008' })).rejects.toThrow('give the base URL');
});

test('a client that gives up is seen by the target', async () => {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const { proxy } = await started((_, response) => response.once('close', resolve));
  const controller = new AbortController();
  const response = get(proxy, '/', { signal: controller.signal });
  await proxy.waitFor({}, { phase: 'start' });
  controller.abort();
  await expect(response).rejects.toThrow('abort');
  await gone;
  expect(await proxy.waitFor({})).toMatchObject([{ finishedAt: expect.any(Number) }]);
  expect(proxy.requests[0]).not.toHaveProperty('status');
});

test('a target that is not there is a cut connection', async () => {
  const { proxy } = await started((request) => request.socket.destroy());
  await expect(get(proxy, '/')).rejects.toThrow('fetch failed');
});

test('answer: the proxy answers, the target sees nothing', async () => {
  const { proxy, arrived } = await started();
  const body = { errcode: 'M_LIMIT_EXCEEDED', error: 'Slow down' };
  proxy.inject({
    match: { method: 'post', path: '/refresh' },
    fault: { kind: 'answer', status: 429, headers: { 'retry-after': '7' }, body },
  });
  const response = await get(proxy, '/v3/refresh', { method: 'POST', body: '{}' });
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual(body);
  expect(arrived).toEqual([]);
  expect(proxy.requests).toMatchObject([{ status: 429, errcode: 'M_LIMIT_EXCEEDED', fault: 'answer' }]);
});

test('answer: any text, and none', async () => {
  const { proxy } = await started();
  const headers = { 'content-type': 'text/html' };
  proxy.inject({ match: {}, fault: { kind: 'answer', status: 502, headers, body: '<html>' } });
  proxy.inject({ match: {}, fault: { kind: 'answer', status: 204 } });
  const html = await get(proxy, '/');
  expect([html.status, html.headers.get('content-type'), await html.text()]).toEqual([
    502,
    'text/html',
    '<html>',
  ]);
  expect((await get(proxy, '/')).status).toBe(204);
});

test('delay: the target sees the request later', async () => {
  const { proxy, arrived } = await started();
  proxy.inject({ match: {}, fault: { kind: 'delay', delayMs: 40 } });
  const response = get(proxy, '/');
  const [request] = await proxy.waitFor({}, { phase: 'start' });
  expect(arrived).toEqual([]);
  expect((await response).status).toBe(200);
  expect(arrived).toHaveLength(1);
  expect(request).toMatchObject({ status: 200, fault: 'delay' });
});

test('hang: no answer until the client gives up', async () => {
  const { proxy, arrived } = await started();
  proxy.inject({ match: {}, fault: { kind: 'hang' } });
  const controller = new AbortController();
  const hanging = get(proxy, '/', { signal: controller.signal });
  await proxy.waitFor({}, { phase: 'start' });
  expect((await get(proxy, '/next')).status).toBe(200);
  controller.abort();
  await expect(hanging).rejects.toThrow('abort');
  expect(arrived.map((request) => request.url)).toEqual(['/next']);
});

test('cut: the connection is reset, the target sees nothing', async () => {
  const { proxy, arrived } = await started();
  proxy.inject({ match: {}, fault: { kind: 'cut' } });
  expect(await failureOf(get(proxy, '/'))).toHaveProperty('cause.code', 'ECONNRESET');
  expect(arrived).toEqual([]);
  expect((await proxy.waitFor({}))[0]).not.toHaveProperty('status');
});

test('lose-response: the target answers in full, the client sees nothing of it', async () => {
  const { proxy, arrived } = await started((_, response) =>
    response.writeHead(403).end('{"errcode":"M_FORBIDDEN"}'),
  );
  proxy.inject({ match: {}, fault: { kind: 'lose-response' } });
  await expect(get(proxy, '/', { method: 'POST', body: '{}' })).rejects.toThrow('fetch failed');
  expect(arrived).toHaveLength(1);
  expect(await proxy.waitFor({})).toMatchObject([
    { status: 403, errcode: 'M_FORBIDDEN', fault: 'lose-response' },
  ]);
});

test('rewrite: the target’s answer, with another body', async () => {
  const { proxy, arrived } = await started((_, response) =>
    response.writeHead(201, { 'x-answer': 'yes' }).end('ä body'),
  );
  proxy.inject({ match: {}, fault: { kind: 'rewrite', body: (body) => `${body}, and more` } });
  const response = await get(proxy, '/');
  expect([response.status, response.headers.get('x-answer')]).toEqual([201, 'yes']);
  expect(await response.text()).toBe('ä body, and more');
  expect(arrived).toHaveLength(1);
  expect(proxy.requests[0]).toMatchObject({ fault: 'rewrite', status: 201 });
});

test('cut-body: the head, half of the body, and the end', async () => {
  const { proxy } = await started((_, response) => response.end('0123456789'));
  proxy.inject({ match: {}, fault: { kind: 'cut-body' } });
  const response = await get(proxy, '/');
  expect(response.status).toBe(200);
  const read = await response.body?.getReader().read();
  expect(Buffer.from(read?.value ?? []).toString()).toBe('01234');

  proxy.inject({ match: {}, fault: { kind: 'cut-body' } });
  await expect((await get(proxy, '/')).text()).rejects.toThrow('terminated');
});

test('a fault is met as often as it was injected for, and not after it was removed', async () => {
  const { proxy } = await started();
  const statuses = async (count: number) => {
    const seen: number[] = [];
    for (let i = 0; i < count; i += 1) seen.push((await get(proxy, '/')).status);
    return seen;
  };
  const twice = proxy.inject({ match: {}, times: 2, fault: { kind: 'answer', status: 500 } });
  expect(twice.remaining).toBe(2);
  expect(await statuses(3)).toEqual([500, 500, 200]);
  expect(twice.remaining).toBe(0);

  const always = proxy.inject({
    match: {},
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'answer', status: 503 },
  });
  expect(await statuses(3)).toEqual([503, 503, 503]);
  expect(always.remaining).toBe(Number.POSITIVE_INFINITY);
  always.remove();
  expect(await statuses(1)).toEqual([200]);

  for (const times of [0, -1, 1.5, Number.NaN]) {
    expect(() => proxy.inject({ match: {}, times, fault: { kind: 'cut' } })).toThrow(RangeError);
  }
});

test('of the faults that match the first injected is met; the others wait for their turn', async () => {
  const { proxy } = await started();
  const answer = (status: number) => ({ kind: 'answer', status }) as const;
  proxy.inject({ match: { path: '/b' }, fault: answer(501) });
  proxy.inject({ match: {}, fault: answer(502) });
  proxy.inject({ match: { path: '/b' }, fault: answer(503) });
  expect((await get(proxy, '/a')).status).toBe(502);
  expect((await get(proxy, '/b')).status).toBe(501);
  expect((await get(proxy, '/b')).status).toBe(503);
});

test('hit resolves with the first request that meets the fault', async () => {
  const { proxy } = await started();
  const { hit } = proxy.inject({ match: { path: '/b' }, fault: { kind: 'hang' } });
  await get(proxy, '/a');
  const hanging = get(proxy, '/b');
  expect(await hit).toMatchObject({ path: '/b', fault: 'hang' });
  proxy.clear();
  await expect(hanging).rejects.toThrow('fetch failed');
});

test('a match is by method, by the end of the path, by a pattern, or by anything the record says', async () => {
  const { proxy } = await started();
  await get(proxy, '/v3/sync?timeout=5');
  await get(proxy, '/v3/sync/', { method: 'POST' });
  await get(proxy, '/v3/rooms/a/send', { headers: { authorization: 'Bearer the-token' } });
  const counts: [RequestMatch, number][] = [
    [{}, 3],
    [{ path: '/sync' }, 1],
    [{ path: 'c' }, 1],
    [{ method: 'POST' }, 1],
    [{ method: 'get', path: /^\/v3\/rooms\/[^/]+\/send$/ }, 1],
    [{ path: /sync/g }, 2],
    [(request) => request.tokenFingerprint === fingerprintOf('the-token'), 1],
    [(request) => request.query['timeout'] === '5', 1],
  ];
  expect(counts.map(([match]) => proxy.count(match))).toEqual(counts.map(([, count]) => count));
});

test('records no token, neither from the header nor from the query', async () => {
  const { proxy } = await started();
  await get(proxy, '/a?access_token=canary-token-1&x=1');
  await get(proxy, '/b', { headers: { authorization: 'Bearer canary-token-2' } });
  expect(proxy.requests).toMatchObject([
    { query: { x: '1' }, tokenFingerprint: fingerprintOf('canary-token-1') },
    { query: {}, tokenFingerprint: fingerprintOf('canary-token-2') },
  ]);
  expect(inspect(proxy, { depth: 10, showHidden: true }) + inspect(proxy.requests)).not.toContain('canary');
});

test('waitFor resolves when enough requests are over, those from before included', async () => {
  const { proxy } = await started();
  await get(proxy, '/a');
  expect(await proxy.waitFor({ path: '/a' })).toMatchObject([{ path: '/a', status: 200 }]);
  const both = proxy.waitFor({ path: '/a' }, { count: 2 });
  await get(proxy, '/a');
  expect(await both).toHaveLength(2);
});

test('waitFor that waits in vain lists what was seen', async () => {
  const { proxy } = await started((_, response) =>
    response.writeHead(401).end('{"errcode":"M_UNKNOWN_TOKEN"}'),
  );
  await expect(proxy.waitFor({ path: '/refresh' }, { timeoutMs: 5 })).rejects.toThrow(
    'No request came through',
  );
  await get(proxy, '/whoami');
  await expect(
    proxy.waitFor({ method: 'POST', path: '/refresh' }, { count: 2, timeoutMs: 5 }),
  ).rejects.toThrow(
    '5 ms passed while waiting for 2 finished request(s) matching POST /refresh: saw 0.\n' +
      'Requests seen:\n  GET /whoami: 401 (M_UNKNOWN_TOKEN)',
  );
  const stopped = failureOf(proxy.waitFor({ path: '/refresh' }));
  await proxy.stop();
  expect(await stopped).toHaveProperty('message', expect.stringContaining('The proxy was stopped'));
});

test('away: connections are cut, new ones refused; back: the same address', async () => {
  const { proxy, arrived } = await started((request, response) => {
    if (request.url !== '/open') response.end('{}');
  });
  const { url } = proxy;
  const open = failureOf(get(proxy, '/open'));
  await expect.poll(() => arrived.length).toBe(1);
  await proxy.away();
  expect(await open).toHaveProperty('message', 'fetch failed');
  expect(await failureOf(get(proxy, '/'))).toHaveProperty('cause.code', 'ECONNREFUSED');
  await proxy.back();
  await proxy.back();
  expect(proxy.url).toBe(url);
  expect((await get(proxy, '/')).status).toBe(200);
  expect(arrived.map((request) => request.url)).toEqual(['/open', '/']);
});

test('latencyMs holds every request', async () => {
  const { proxy, arrived } = await started();
  proxy.latencyMs = 40;
  const response = get(proxy, '/');
  await proxy.waitFor({}, { phase: 'start' });
  expect(arrived).toEqual([]);
  expect((await response).status).toBe(200);
});

test('clear forgets faults, records and latency', async () => {
  const { proxy } = await started();
  const fault = proxy.inject({ match: {}, times: 5, fault: { kind: 'cut' } });
  await expect(get(proxy, '/')).rejects.toThrow('fetch failed');
  proxy.latencyMs = 60_000;
  proxy.clear();
  expect([proxy.requests, proxy.latencyMs, fault.remaining]).toEqual([[], 0, 0]);
  expect((await get(proxy, '/')).status).toBe(200);
});

test('stop leaves nothing, whatever was under way', async () => {
  const closed: Promise<void>[] = [];
  const { proxy } = await started((request) => {
    closed.push(new Promise((resolve) => request.socket.once('close', () => resolve())));
  });
  const faults = ['hang', 'lose-response', 'cut-body'] as const;
  for (const kind of faults) proxy.inject({ match: { path: `/${kind}` }, fault: { kind } });
  const requests = ['plain', ...faults].map((path) => failureOf(get(proxy, `/${path}`)));
  await expect.poll(() => closed.length).toBe(3);
  await proxy.stop();
  await Promise.all([...requests, ...closed]);
});

test('a homeserver behind it does what it does without', async () => {
  await using homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password: 'pw' }] });
  await using proxy = await startFaultProxy({ target: homeserver.url });
  const api = clientOf(proxy.url);
  const { body: first } = await api.login('bot', 'pw');
  const { body: stock } = await api.sync(first.access_token);
  const poll = api.sync(first.access_token, { since: stock.next_batch, timeout: 20_000 });

  proxy.inject({ match: { path: '/refresh' }, fault: { kind: 'lose-response' } });
  await expect(api.refresh(first.refresh_token)).rejects.toThrow('fetch failed');
  const { body: second } = await api.refresh(first.refresh_token);
  expect(homeserver.refreshes).toBe(2);
  const roomId = await api.createRoom(second.access_token);
  expect((await poll).body.rooms.join).toHaveProperty([roomId]);

  expect((await api.refresh(first.refresh_token)).status).toBe(403);
  expect(proxy.requests.filter(({ path }) => path.endsWith('/refresh'))).toMatchObject([
    { status: 200, fault: 'lose-response' },
    { status: 200 },
    { status: 403, errcode: 'M_FORBIDDEN' },
  ]);
});
