import { describe, expect, it } from 'vitest';
import { type Handler, json, startTinyServer } from '../homeserver/tiny-server.ts';
import { Harness, unknownToken } from './harness.ts';

const API = '/_matrix/client/v3';

/** Answers requests for `/from` with a redirect to `/to`, all others with an empty object. */
async function setUp(status: number, location: string | undefined = `${API}/to`, rest?: Handler) {
  const server = await startTinyServer((response, seen) => {
    if (!seen.url.endsWith('/from')) (rest ?? ((other) => json(other, 200, {})))(response, seen);
    else response.writeHead(status, location === undefined ? {} : { Location: location }).end('moved');
  });
  return { server, session: new Harness({ homeserver: server.url }), url: `${server.url}${API}/from` };
}

const forms: readonly (readonly [string, (url: string, init: RequestInit) => Parameters<typeof fetch>])[] = [
  ['a URL', (url, init) => [url, init]],
  ['a Request', (url, init) => [new Request(url, init)]],
];

describe.each(forms)('a redirect of a request given as %s', (_, given) => {
  it.each([
    [301, 'POST', 'GET'],
    [302, 'post', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'PUT', 'PUT'],
    [302, 'PUT', 'PUT'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
    [302, 'GET', 'GET'],
    [308, 'DELETE', 'DELETE'],
  ])('%i: a %s becomes a %s, with its token and its headers', async (status, method, followed) => {
    const { server, session, url } = await setUp(status);
    const bodied = /^P/i.test(method);
    const headers = { 'x-own': 'yes', ...(bodied && { 'content-type': 'text/x-own' }) };
    const init = { method, headers, ...(bodied && { body: 'hello' }) };
    const response = await session.fetch(...given(url, init));
    expect(response.status).toBe(200);
    expect(server.seen).toHaveLength(2);
    expect(server.seen[1]).toMatchObject({
      method: followed,
      url: `${API}/to`,
      headers: { authorization: 'Bearer token-1', 'x-own': 'yes' },
    });
    const carriesBody = bodied && followed !== 'GET';
    expect(String(server.seen[1]?.body)).toBe(carriesBody ? 'hello' : '');
    expect(server.seen[1]?.headers['content-type']).toBe(carriesBody ? 'text/x-own' : undefined);
  });

  it('is not followed where the caller wants to see it', async () => {
    const { server, session, url } = await setUp(302);
    const response = await session.fetch(...given(url, { redirect: 'manual' }));
    expect(response.status).toBe(302);
    expect(await response.text()).toBe('moved');
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1']);
  });

  it('is an error where the caller wants none', async () => {
    const { server, session, url } = await setUp(302);
    await expect(session.fetch(...given(url, { redirect: 'error' }))).rejects.toThrow(TypeError);
    expect(server.seen).toHaveLength(1);
  });

  it('that lasts ends when its caller gives up', async () => {
    const { server, session, url } = await setUp(303, undefined, () => {});
    const abort = new AbortController();
    const answer = session.fetch(...given(url, { method: 'POST', body: 'x', signal: abort.signal }));
    await server.arrived(2);
    abort.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('an answer that is no redirect passes as it is', () => {
  it.each<[string, number, string | undefined]>([
    ['a 201 with a Location', 201, `${API}/to`],
    ['a 300 with a Location', 300, `${API}/to`],
    ['a Location that is no URL', 302, 'http://['],
  ])('%s', async (_, status, location) => {
    const { server, session, url } = await setUp(status, location);
    const response = await session.fetch(url);
    expect([response.status, await response.text()]).toEqual([status, 'moved']);
    expect(server.seen).toHaveLength(1);
  });

  it('a 302 without a Location', async () => {
    const server = await startTinyServer((response) => response.writeHead(302).end('moved'));
    const session = new Harness({ homeserver: server.url });
    const response = await session.fetch(`${server.url}${API}/from`);
    expect([response.status, await response.text()]).toEqual([302, 'moved']);
  });
});

it('a Location is relative to where the last one pointed', async () => {
  const { server, session, url } = await setUp(302, `${API}/sub/to`, (response, { url: path }) =>
    path.endsWith('/to') ? response.writeHead(302, { Location: 'next' }).end() : json(response, 200, {}),
  );
  expect((await session.fetch(url)).status).toBe(200);
  expect(server.seen.at(-1)?.url).toBe(`${API}/sub/next`);
});

it('to an endpoint that may have a token it goes along', async () => {
  const { server, session, url } = await setUp(302, '/_matrix/client/versions');
  expect((await session.fetch(url)).status).toBe(200);
  expect(server.seen[1]?.headers.authorization).toBe('Bearer token-1');
});

it('20 redirects are followed, and no more, as fetch does', async () => {
  let left = 20;
  const server = await startTinyServer((response) => {
    if (left === 0) return json(response, 200, {});
    left -= 1;
    response.writeHead(302, { Location: `${API}/to` }).end();
  });
  const session = new Harness({ homeserver: server.url });
  const url = `${server.url}${API}/from`;
  expect((await session.fetch(url)).status).toBe(200);
  expect(server.seen).toHaveLength(21);
  left = 21;
  await expect(session.fetch(url)).rejects.toThrow(/more than 20 redirects/);
  left = 21;
  await expect(fetch(url)).rejects.toThrow(TypeError);
});

it.each<RequestRedirect>(['follow', 'manual'])(
  'a refusal is met as ever (redirect "%s")',
  async (redirect) => {
    const server = await startTinyServer((response, { url, headers }) => {
      if (redirect === 'follow' && url.endsWith('/from'))
        response.writeHead(307, { Location: `${API}/to` }).end();
      else if (headers.authorization === 'Bearer token-2') json(response, 200, {});
      else json(response, 401, unknownToken);
    });
    const session = new Harness({ homeserver: server.url });
    const answer = session.fetch(`${server.url}${API}/from`, { redirect });
    await session.rejected(1);
    session.renew();
    expect((await answer).status).toBe(200);
  },
);
