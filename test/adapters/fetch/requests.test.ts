import { describe, expect, it } from 'vitest';
import { json, startTinyServer } from '../homeserver/tiny-server.ts';
import { ClosedError, Harness, unknownToken } from './harness.ts';

const SYNC = '/_matrix/client/v3/sync';

async function setUp() {
  const server = await startTinyServer((response) => json(response, 200, {}));
  return { server, session: new Harness({ homeserver: server.url }), url: `${server.url}${SYNC}` };
}

describe('a request is sent as it was given', () => {
  it('what is said beside a Request counts, as with fetch', async () => {
    const { server, session, url } = await setUp();
    const request = new Request(url, {
      method: 'PUT',
      body: 'old',
      headers: { 'x-own': 'old', 'x-old': 'yes' },
    });
    await session.fetch(request, { method: 'POST', body: 'new', headers: { 'x-own': 'new' } });
    const [seen] = server.seen;
    expect(seen).toMatchObject({
      method: 'POST',
      headers: { 'x-own': 'new', authorization: 'Bearer token-1' },
    });
    expect(seen?.headers['x-old']).toBeUndefined();
    expect(String(seen?.body)).toBe('new');
  });

  it('a query without a token keeps its spelling', async () => {
    const { server, session } = await setUp();
    const query = '?filter=%7B%22a%22:%20~1%7D&empty';
    await session.fetch(`${server.url}${SYNC}${query}`);
    expect(server.seen[0]?.url).toBe(`${SYNC}${query}`);
  });

  it('a URL that the caller changes afterwards', async () => {
    const { server, session } = await setUp();
    const known = session.scope;
    session.scope = undefined;
    session.move('waiting');
    const url = new URL(`${server.url}/_matrix/client/versions`);
    const answer = session.fetch(url);
    url.pathname = '/changed';
    session.scope = known;
    session.move('open');
    await answer;
    expect(server.seen[0]?.url).toBe('/_matrix/client/versions');
  });

  it('an init that the caller changes afterwards', async () => {
    const server = await startTinyServer((response, { headers }) =>
      headers.authorization === 'Bearer token-2'
        ? json(response, 200, {})
        : json(response, 401, unknownToken),
    );
    const session = new Harness({ homeserver: server.url });
    for (const input of [`${server.url}${SYNC}`, new URL(`${server.url}${SYNC}`)]) {
      session.move('open');
      session.token = { value: 'token-1', generation: 1 };
      const init = { method: 'PUT', body: 'one' };
      const answer = session.fetch(input, init);
      Object.assign(init, { method: 'DELETE', body: 'other' });
      await session.rejected(session.rejections.length + 1);
      session.renew();
      expect((await answer).status).toBe(200);
    }
    expect(server.seen.map(({ method, body }) => `${method} ${String(body)}`)).toEqual(
      Array(4).fill('PUT one'),
    );
  });

  it('a Request given as what is said beside a URL, as fetch takes it', async () => {
    const { server, session, url } = await setUp();
    await session.fetch(url, new Request(url, { method: 'PUT', body: 'hello', headers: { 'x-own': 'yes' } }));
    expect(server.seen[0]).toMatchObject({
      method: 'PUT',
      headers: { 'x-own': 'yes', authorization: 'Bearer token-1' },
    });
    expect(String(server.seen[0]?.body)).toBe('hello');
  });

  it('a body that is null', async () => {
    const { server, session, url } = await setUp();
    expect((await session.fetch(url, { method: 'POST', body: null })).status).toBe(200);
    expect(server.seen[0]?.body).toHaveLength(0);
  });

  it('another kind of Authorization gives way to the token', async () => {
    const { server, session, url } = await setUp();
    await session.fetch(url, { headers: { Authorization: 'Basic Bearer x' } });
    expect(server.seen[0]?.headers.authorization).toBe('Bearer token-1');
  });

  it('where no homeserver is known, and nothing waits for one', async () => {
    const { server, session, url } = await setUp();
    session.scope = undefined;
    expect((await session.fetch(url)).status).toBe(200);
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
  });
});

describe('a signal beside a Request', () => {
  it('ends it in flight', async () => {
    const server = await startTinyServer(() => {});
    const session = new Harness({ homeserver: server.url });
    const abort = new AbortController();
    const answer = session.fetch(new Request(`${server.url}${SYNC}`), { signal: abort.signal });
    await server.arrived(1);
    abort.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('ends it after a redirect, too', async () => {
    const server = await startTinyServer((response, { method }) => {
      if (method === 'POST') response.writeHead(303, { Location: SYNC }).end();
    });
    const session = new Harness({ homeserver: server.url });
    const abort = new AbortController();
    const request = new Request(`${server.url}${SYNC}`, { method: 'POST', body: 'x' });
    const answer = session.fetch(request, { signal: abort.signal });
    await server.arrived(2);
    abort.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
  });
});

it('a refused request gets the error of a session that was stopped meanwhile', async () => {
  const server = await startTinyServer((response) => json(response, 401, unknownToken));
  const session = new Harness({ homeserver: server.url });
  session.onRejected = () => session.move('stopped');
  await expect(session.fetch(`${server.url}${SYNC}`)).rejects.toThrow(ClosedError);
});

it('a session that lets requests go without a token is told so', async () => {
  const { session, url } = await setUp();
  session.token = undefined;
  await expect(session.fetch(url)).rejects.toThrow(/no token.*bug/);
});

it('a session that lets requests go on without a token after a refusal is told so', async () => {
  const server = await startTinyServer((response) => json(response, 401, unknownToken));
  const session = new Harness({ homeserver: server.url });
  session.onRejected = () => {
    session.token = undefined;
  };
  await expect(session.fetch(`${server.url}${SYNC}`)).rejects.toThrow(/no token.*bug/);
});
