import { describe, expect, it } from 'vitest';
import { json, startTinyServer } from '../homeserver/tiny-server.ts';
import { Harness } from './harness.ts';

const WHOAMI = '/_matrix/client/v3/account/whoami';

async function setUp(path = '') {
  const server = await startTinyServer((response) => json(response, 200, {}));
  return { server, session: new Harness({ homeserver: `${server.url}${path}` }) };
}

describe('the token goes to', () => {
  it.each([
    WHOAMI,
    '/_matrix/client/v3/sync?timeout=0',
    '/_matrix/client/v3/rooms/!r:x/send/m.room.message/1',
    '/_matrix/client/unstable/org.example/thing',
    '/_matrix/client/v1/media/download/x/y',
    '/_matrix/media/v3/upload',
    '/_matrix/media/v3/config',
    '/_matrix/client/v1/login/get_token',
    '/_matrix/client/v3/logout',
    '/_synapse/admin/v1/rooms',
  ])('%s', async (path) => {
    const { server, session } = await setUp();
    await session.fetch(`${server.url}${path}`);
    expect(server.seen[0]?.headers.authorization).toBe('Bearer token-1');
  });

  it.each(['string', 'URL', 'Request'])('given as a %s', async (kind) => {
    const { server, session } = await setUp();
    const url = `${server.url}${WHOAMI}`;
    const init = { headers: { 'x-own': 'yes' } };
    if (kind === 'string') await session.fetch(url, init);
    else if (kind === 'URL') await session.fetch(new URL(url), init);
    else await session.fetch(new Request(url, init));
    expect(server.seen[0]?.headers).toMatchObject({ authorization: 'Bearer token-1', 'x-own': 'yes' });
  });

  it("a homeserver's endpoints below a sub-path, and not beside it", async () => {
    const { server, session } = await setUp('/matrix');
    await session.fetch(`${server.url}/matrix${WHOAMI}`);
    await session.fetch(`${server.url}${WHOAMI}`);
    await session.fetch(`${server.url}/matrix-two${WHOAMI}`);
    await session.fetch(`${server.url}/matrix/../other${WHOAMI}`);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('a room whose state key or transaction has the name of a tokenless endpoint', async () => {
    const { server, session } = await setUp();
    await session.fetch(`${server.url}/_matrix/client/v3/rooms/!r:x/state/m.login/login`);
    expect(server.seen[0]?.headers.authorization).toBe('Bearer token-1');
  });

  it('a room whose state key is requestToken', async () => {
    const { server, session } = await setUp();
    await session.fetch(`${server.url}/_matrix/client/v3/rooms/!r:x/state/org.example/requestToken`);
    await session.fetch(`${server.url}/_matrix/client/v3/rooms/!r:x/send/org.example/requestToken`);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-1',
    ]);
  });
});

describe('the token does not go to', () => {
  it('another origin', async () => {
    const { session } = await setUp();
    const other = await startTinyServer((response) => json(response, 200, {}));
    await session.fetch(`${other.url}${WHOAMI}`);
    expect(other.seen[0]?.headers.authorization).toBeUndefined();
  });

  it.each([
    '/',
    '/index.html',
    '/_matrix',
    '/_matrix/identity/v2/account',
    '/_matrix/federation/v1/version',
    '/_matrix/client/versions',
    '/_matrix/client/v3/login',
    '/_matrix/client/v3/login/sso/redirect',
    '/_matrix/client/v3/refresh',
    '/_matrix/client/v3/register',
    '/_matrix/client/v3/register/available?username=x',
    '/_matrix/client/v3/account/password/email/requestToken',
    '/_matrix/client/v1/auth_metadata',
    '/_matrix/client/unstable/org.matrix.msc2965/auth_metadata',
    '/_matrix/media/v3/download/x/y',
    '/_matrix/media/v3/thumbnail/x/y?width=1',
    '/.well-known/matrix/client',
    '/other/_matrix/client/v3/sync',
  ])('%s', async (path) => {
    const { server, session } = await setUp();
    await session.fetch(`${server.url}${path}`);
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('what is asked without one, even while there is no token', async () => {
    const { server, session } = await setUp();
    session.move('waiting');
    expect((await session.fetch(`${server.url}/_matrix/client/versions`)).status).toBe(200);
    session.move('failed');
    expect((await session.fetch(`${server.url}/_matrix/client/v3/login`)).status).toBe(200);
  });
});

describe('after a redirect', () => {
  it('to another origin the token stays behind', async () => {
    const target = await startTinyServer((response) => json(response, 200, {}));
    const server = await startTinyServer((response) =>
      response.writeHead(307, { Location: `${target.url}/file` }).end(),
    );
    const session = new Harness({ homeserver: server.url });
    const response = await session.fetch(`${server.url}/_matrix/client/v1/media/download/x/y`);
    expect(response.status).toBe(200);
    expect(server.seen[0]?.headers.authorization).toBe('Bearer token-1');
    expect(target.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('to another origin a 401 says nothing about the session', async () => {
    const target = await startTinyServer((response) => json(response, 401, { errcode: 'M_UNKNOWN_TOKEN' }));
    const server = await startTinyServer((response) =>
      response.writeHead(302, { Location: `${target.url}${WHOAMI}` }).end(),
    );
    const session = new Harness({ homeserver: server.url });
    const response = await session.fetch(`${server.url}/_matrix/client/v1/media/download/x/y`);
    expect(response.status).toBe(401);
    expect(session.rejections).toEqual([]);
  });

  it('to the same origin, outside of the homeserver, the token stays behind', async () => {
    const server = await startTinyServer((response, { url }) =>
      url.startsWith('/matrix/')
        ? response.writeHead(302, { Location: '/some-other-application' }).end()
        : json(response, 200, {}),
    );
    const session = new Harness({ homeserver: `${server.url}/matrix` });
    await session.fetch(`${server.url}/matrix${WHOAMI}`);
    expect(server.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      [`/matrix${WHOAMI}`, 'Bearer token-1'],
      ['/some-other-application', undefined],
    ]);
  });

  it('to another endpoint of the homeserver the request still works', async () => {
    const server = await startTinyServer((response, { url }) =>
      url.endsWith('/a')
        ? response.writeHead(307, { Location: '/_matrix/client/v3/b' }).end()
        : json(response, 200, {}),
    );
    const session = new Harness({ homeserver: server.url });
    expect((await session.fetch(`${server.url}/_matrix/client/v3/a`)).status).toBe(200);
    expect(server.seen[1]?.headers.authorization).toBe('Bearer token-1');
  });
});

describe('a token that the caller put there', () => {
  it('is left alone if it is not of this session, and its refusal, too', async () => {
    const server = await startTinyServer((response) => json(response, 401, { errcode: 'M_UNKNOWN_TOKEN' }));
    const session = new Harness({ homeserver: server.url });
    const headers = { Authorization: 'Bearer somebody-else' };
    const inHeader = await session.fetch(`${server.url}${WHOAMI}`, { headers });
    const inRequest = await session.fetch(new Request(`${server.url}${WHOAMI}`, { headers }));
    const inQuery = await session.fetch(`${server.url}${WHOAMI}?access_token=somebody-else`);
    expect([inHeader.status, inRequest.status, inQuery.status]).toEqual([401, 401, 401]);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer somebody-else',
      'Bearer somebody-else',
      undefined,
    ]);
    expect(server.seen[2]?.url).toContain('access_token=somebody-else');
    expect(session.rejections).toEqual([]);
  });

  it('passes while the session has none, if it is somebody else’s', async () => {
    const { server, session } = await setUp();
    session.move('waiting');
    const headers = { Authorization: 'Bearer somebody-else' };
    expect((await session.fetch(`${server.url}${WHOAMI}`, { headers })).status).toBe(200);
  });

  it('is replaced by the current one if it is an old one of this session', async () => {
    const { server, session } = await setUp();
    session.renew();
    const headers = { authorization: 'bearer token-1', 'x-own': 'yes' };
    await session.fetch(`${server.url}${WHOAMI}`, { headers });
    await session.fetch(new Request(`${server.url}${WHOAMI}`, { headers }));
    expect(server.seen.map(({ headers }) => [headers.authorization, headers['x-own']])).toEqual([
      ['Bearer token-2', 'yes'],
      ['Bearer token-2', 'yes'],
    ]);
    expect(headers.authorization).toBe('bearer token-1');
  });

  it('in the query is moved to the header', async () => {
    const { server, session } = await setUp();
    session.renew();
    const path = '/_matrix/client/v3/rooms/!r:x/send/m.room.message/1';
    const body = JSON.stringify({ body: 'hello' });
    const query = '?a=1&access_token=token-1&b=2';
    await session.fetch(`${server.url}${path}${query}`, { method: 'PUT', body });
    await session.fetch(
      new Request(`${server.url}${path}${query}`, { method: 'PUT', body, headers: { 'x-own': 'yes' } }),
    );
    for (const seen of server.seen) {
      expect(seen).toMatchObject({ method: 'PUT', url: `${path}?a=1&b=2` });
      expect(seen.headers.authorization).toBe('Bearer token-2');
      expect(String(seen.body)).toBe(body);
    }
    expect(server.seen[1]?.headers['x-own']).toBe('yes');
  });

  it('on /versions, which may have one, is replaced, too', async () => {
    const { server, session } = await setUp();
    session.renew();
    await session.fetch(`${server.url}/_matrix/client/versions`, {
      headers: { Authorization: 'Bearer token-1' },
    });
    expect(server.seen[0]?.headers.authorization).toBe('Bearer token-2');
  });
});

it('waits for a homeserver that is not known yet', async () => {
  const { server, session } = await setUp();
  const known = session.scope;
  session.scope = undefined;
  session.move('waiting');
  const answer = session.fetch(`${server.url}${WHOAMI}`);
  expect(session.held).toBe(1);
  session.scope = known;
  session.move('open');
  expect((await answer).status).toBe(200);
  expect(server.seen[0]?.headers.authorization).toBe('Bearer token-1');
});

it('refuses a URL that is none, as fetch does', async () => {
  const { session } = await setUp();
  await expect(session.fetch('/_matrix/client/v3/sync')).rejects.toThrow(TypeError);
});
