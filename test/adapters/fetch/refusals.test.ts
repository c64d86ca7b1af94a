import { describe, expect, it } from 'vitest';
import { type Handler, json, startTinyServer } from '../homeserver/tiny-server.ts';
import { ClosedError, Harness, unknownToken } from './harness.ts';

const WHOAMI = '/_matrix/client/v3/account/whoami';

/** A homeserver that knows only this token. */
async function setUp(good: string, options: { readonly maxHeldMs?: number } = {}) {
  const server = await startTinyServer((response, { headers }) =>
    headers.authorization === `Bearer ${good}`
      ? json(response, 200, { user_id: '@bot:localhost' })
      : json(response, 401, unknownToken),
  );
  return {
    server,
    session: new Harness({ homeserver: server.url, ...options }),
    url: `${server.url}${WHOAMI}`,
  };
}

describe('a request that is refused for its token', () => {
  it('is reported, waits, and is sent again with the next one', async () => {
    const { server, session, url } = await setUp('token-2');
    const answer = session.fetch(url);
    await session.rejected(1);
    expect(session.rejections).toEqual([
      {
        generation: 1,
        rejection: { endpoint: 'other', status: 401, errcode: 'M_UNKNOWN_TOKEN', softLogout: true },
      },
    ]);
    session.renew();
    expect((await answer).status).toBe(200);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ]);
  });

  it('is sent again with each further token until one works', async () => {
    const { server, session, url } = await setUp('token-4');
    const answer = session.fetch(url);
    for (const generation of [2, 3, 4]) {
      await session.rejected(generation - 1);
      session.renew(generation);
    }
    expect((await answer).status).toBe(200);
    expect(server.seen).toHaveLength(4);
  });

  it('because its token was replaced meanwhile is sent again at once', async () => {
    const refuse: (() => void)[] = [];
    const server = await startTinyServer((response, { headers }) => {
      if (headers.authorization === 'Bearer token-2') json(response, 200, {});
      else refuse.push(() => json(response, 401, unknownToken));
    });
    const session = new Harness({ homeserver: server.url });
    const answers = [1, 2].map(() => session.fetch(`${server.url}${WHOAMI}`));
    await server.arrived(2);
    session.renew();
    for (const answer of refuse) answer();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200]);
    expect(server.seen).toHaveLength(4);
    expect(session.rejections.map(({ generation }) => generation)).toEqual([1, 1]);
    expect(session.held).toBe(0);
  });

  it('is sent at most once with each token, even if the session does not react to the refusal', async () => {
    let sent = 0;
    const server = await startTinyServer((response) => {
      sent += 1;
      // A stop for this test alone: without it the loop would not end.
      if (sent > 20) response.destroy();
      else json(response, 401, unknownToken);
    });
    const session = new Harness({ homeserver: server.url, maxHeldMs: 200 });
    session.onRejected = () => {};
    await session.fetch(`${server.url}${WHOAMI}`).catch(() => undefined);
    expect(sent).toBe(1);
  });

  it.each([401, 403])('with %i because the account is locked waits, too', async (status) => {
    let locked = true;
    const server = await startTinyServer((response) =>
      locked
        ? json(response, status, { errcode: 'M_USER_LOCKED', soft_logout: true })
        : json(response, 200, {}),
    );
    const session = new Harness({ homeserver: server.url });
    const answer = session.fetch(`${server.url}${WHOAMI}`);
    await session.rejected(1);
    expect(session.rejections[0]?.rejection).toMatchObject({ status, errcode: 'M_USER_LOCKED' });
    locked = false;
    session.move('open');
    expect((await answer).status).toBe(200);
  });

  it('gets the refusal itself, still readable, when the session has failed for good', async () => {
    const { session, url } = await setUp('none');
    session.onRejected = () => session.move('failed');
    const response = await session.fetch(url);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual(unknownToken);
  });

  it('gets the refusal also if the session fails later, while it waits', async () => {
    const { session, url } = await setUp('none');
    const answer = session.fetch(url);
    await session.rejected(1);
    session.move('failed');
    expect(await (await answer).json()).toEqual(unknownToken);
  });

  it('and was given up by its caller meanwhile gets the AbortError, not the refusal', async () => {
    const { session, url } = await setUp('none');
    const abort = new AbortController();
    session.onRejected = () => {
      abort.abort();
      session.move('failed');
    };
    await expect(session.fetch(url, { signal: abort.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('that waited for a token gets the typed error when the session has failed', async () => {
    const { server, session, url } = await setUp('none');
    session.move('waiting');
    const answer = session.fetch(url);
    session.move('failed');
    await expect(answer).rejects.toThrow(ClosedError);
    await expect(session.fetch(url)).rejects.toThrow(ClosedError);
    expect(server.seen).toHaveLength(0);
  });
});

describe('an answer that is the caller’s own business', () => {
  it.each<[string, Handler]>([
    ['a UIA 401', (r) => json(r, 401, { flows: [{ stages: ['m.login.password'] }], session: 'x' })],
    ['a failed UIA stage', (r) => json(r, 401, { errcode: 'M_FORBIDDEN', flows: [], session: 'x' })],
    ['a UIA 401 that says M_UNKNOWN_TOKEN', (r) => json(r, 401, { errcode: 'M_UNKNOWN_TOKEN', flows: [] })],
    ['401 M_FORBIDDEN', (r) => json(r, 401, { errcode: 'M_FORBIDDEN' })],
    ['403 M_FORBIDDEN', (r) => json(r, 403, { errcode: 'M_FORBIDDEN' })],
    ['403 M_USER_SUSPENDED', (r) => json(r, 403, { errcode: 'M_USER_SUSPENDED' })],
    ['403 M_UNKNOWN_TOKEN', (r) => json(r, 403, { errcode: 'M_UNKNOWN_TOKEN' })],
    ['429', (r) => json(r, 429, { errcode: 'M_LIMIT_EXCEEDED' })],
    ['500', (r) => json(r, 500, { errcode: 'M_UNKNOWN_TOKEN' })],
    ['a 401 of a proxy, in HTML', (r) => r.writeHead(401).end('<html>Unauthorized</html>')],
    ['a 401 without a body', (r) => r.writeHead(401).end()],
    ['a 401 whose JSON is no object', (r) => json(r, 401, 'no')],
    ['a 401 without errcode', (r) => json(r, 401, { error: 'no' })],
  ])('%s passes as it is', async (_, handler) => {
    const bodies: Buffer[] = [];
    const server = await startTinyServer((response, seen) => {
      const end = response.end.bind(response);
      response.end = ((body?: string) => {
        bodies.push(Buffer.from(body ?? ''));
        return end(body ?? '');
      }) as typeof response.end;
      handler(response, seen);
    });
    const session = new Harness({ homeserver: server.url });
    const response = await session.fetch(`${server.url}/_matrix/client/v3/rooms/!r:x/send/m/1`, {
      method: 'PUT',
      body: '{}',
    });
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bodies[0]);
    expect(session.rejections).toEqual([]);
    expect(session.proven).toEqual([]);
    expect(session.tokenMissing).toBe(0);
    expect(server.seen).toHaveLength(1);
  });

  it('M_MISSING_TOKEN passes, and is told', async () => {
    const server = await startTinyServer((r) => json(r, 401, { errcode: 'M_MISSING_TOKEN' }));
    const session = new Harness({ homeserver: server.url });
    const response = await session.fetch(`${server.url}${WHOAMI}`);
    expect(await response.json()).toEqual({ errcode: 'M_MISSING_TOKEN' });
    expect(session.tokenMissing).toBe(1);
    expect(session.rejections).toEqual([]);
  });

  it('a 401 of another origin passes', async () => {
    const other = await startTinyServer((r) => json(r, 401, unknownToken));
    const session = new Harness({ homeserver: 'http://127.0.0.1:9' });
    expect((await session.fetch(`${other.url}${WHOAMI}`)).status).toBe(401);
    expect(session.rejections).toEqual([]);
  });

  it('half a body of a 401 passes as it came', async () => {
    const server = await startTinyServer((response) => {
      response.writeHead(401, { 'Content-Length': '1000' });
      response.write('{"errcode":"M_UNKNOWN_TOKEN"', () => response.destroy());
    });
    const session = new Harness({ homeserver: server.url });
    const response = await session.fetch(`${server.url}${WHOAMI}`);
    expect(response.status).toBe(401);
    await expect(response.text()).rejects.toThrow('terminated');
    expect(session.rejections).toEqual([]);
  });

  it.each(['/_matrix/client/v3/logout', '/_matrix/client/v3/logout/all'])(
    'a refused %s means that it is done: nobody asks for a new token',
    async (path) => {
      const { server, session } = await setUp('none');
      const response = await session.fetch(`${server.url}${path}`, { method: 'POST' });
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual(unknownToken);
      expect(session.rejections).toEqual([]);
      expect(server.seen).toHaveLength(1);
    },
  );
});

describe('a logout', () => {
  it.each(['/_matrix/client/v3/logout', '/_matrix/client/v3/logout/all'])(
    'by %s is noticed when it has succeeded',
    async (path) => {
      const { server, session } = await setUp('token-1');
      expect((await session.fetch(`${server.url}${path}`, { method: 'POST' })).status).toBe(200);
      expect(session.loggedOut).toBe(1);
      // Its success proves a token that no longer works.
      expect(session.proven).toEqual([]);
    },
  );

  it('is noticed whether or not its token was proven before, and however its method is spelled', async () => {
    const { server, session, url } = await setUp('token-1');
    await session.fetch(url);
    await session.fetch(`${server.url}/_matrix/client/v3/logout`, { method: 'post' });
    expect(session.loggedOut).toBe(1);
  });

  it('is noticed neither when it was refused nor of another token nor elsewhere', async () => {
    const { server, session } = await setUp('token-2');
    const url = `${server.url}/_matrix/client/v3/logout`;
    await session.fetch(url, { method: 'POST' });
    await session.fetch(url, { method: 'POST', headers: { Authorization: 'Bearer token-2' } });
    session.renew();
    await session.fetch(url);
    await session.fetch(`${url}/x`, { method: 'POST' });
    expect(session.loggedOut).toBe(0);
  });
});

describe('a token is proven', () => {
  it('by its first 200, once', async () => {
    const { session, url } = await setUp('token-1');
    await Promise.all([session.fetch(url), session.fetch(url)]);
    await session.fetch(url);
    expect(session.proven).toEqual([1]);
  });

  it('by no other token’s success', async () => {
    const { server, session, url } = await setUp('token-2');
    const foreign = await session.fetch(url, { headers: { Authorization: 'Bearer token-2' } });
    expect(foreign.status).toBe(200);
    await session.fetch(`${server.url}/_matrix/client/versions`);
    expect(session.proven).toEqual([]);
  });
});

it('refused bodies that nobody reads cost no connection', async () => {
  let connections = 0;
  let refuse = false;
  const server = await startTinyServer((response) => {
    refuse = !refuse;
    if (refuse) json(response, 401, { ...unknownToken, padding: 'x'.repeat(100_000) });
    else json(response, 200, {});
  });
  server.server.on('connection', () => {
    connections += 1;
  });
  const session = new Harness({ homeserver: server.url });
  session.onRejected = () => session.renew();
  for (let call = 0; call < 20; call += 1) {
    const response = await session.fetch(`${server.url}${WHOAMI}`);
    expect(response.status).toBe(200);
    await response.text();
  }
  expect(server.seen).toHaveLength(40);
  expect(connections).toBeLessThanOrEqual(5);
});
