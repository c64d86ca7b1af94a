import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createHomeserver, parseHomeserverAddress } from '../../../src/adapters/homeserver/index.ts';
import { Secret } from '../../../src/ports/index.ts';
import { json, startTinyServer } from './tiny-server.ts';

const token = new Secret('access-1');

describe('a homeserver that does not answer', () => {
  it('hangs: the call ends by itself with its time limit', async () => {
    const server = await startTinyServer(() => {});
    const homeserver = createHomeserver({ url: server.url, timeoutMs: 50 });
    expect(await homeserver.whoami(token)).toEqual({
      ok: false,
      rejection: { endpoint: 'whoami', status: 0, trouble: 'timeout' },
    });
  });

  it('hangs in the middle of its answer: the time limit covers the body', async () => {
    const server = await startTinyServer((response) => {
      response.writeHead(200);
      response.write('{"user_id":');
    });
    const homeserver = createHomeserver({ url: server.url, timeoutMs: 50 });
    expect(await homeserver.whoami(token)).toMatchObject({ rejection: { trouble: 'timeout' } });
  });

  it('is not there', async () => {
    const server = await startTinyServer(() => {});
    await new Promise((resolve) => server.server.close(resolve));
    expect(await createHomeserver({ url: server.url }).whoami(token)).toMatchObject({
      ok: false,
      rejection: { endpoint: 'whoami', status: 0, trouble: 'unreachable' },
    });
  });
});

describe('the signal', () => {
  it('ends a call that waits, at once', async () => {
    const server = await startTinyServer(() => {});
    const abort = new AbortController();
    const answer = createHomeserver({ url: server.url }).whoami(token, { signal: abort.signal });
    await server.arrived(1);
    abort.abort();
    expect(await answer).toMatchObject({ rejection: { status: 0, trouble: 'unreachable' } });
  });

  it('that is aborted already sends nothing', async () => {
    const server = await startTinyServer((response) => json(response, 200, {}));
    const answer = await createHomeserver({ url: server.url }).whoami(token, { signal: AbortSignal.abort() });
    expect(answer).toMatchObject({ rejection: { trouble: 'unreachable' } });
    expect(server.seen).toHaveLength(0);
  });
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])(
    '%i is not followed: no token and no password travels',
    async (status) => {
      const target = await startTinyServer((response) => json(response, 200, { user_id: '@bot:localhost' }));
      const server = await startTinyServer((response, { url }) =>
        response.writeHead(status, { Location: `${target.url}${url}` }).end(),
      );
      const homeserver = createHomeserver({ url: server.url });
      const answers = [
        await homeserver.whoami(token),
        await homeserver.refresh(new Secret('refresh-1')),
        await homeserver.logout(token),
        await homeserver.login({
          flow: { type: 'm.login.password', password: new Secret('pw') },
          deviceId: 'DEV',
          refreshToken: true,
        }),
      ];
      expect(answers.map(({ ok }) => ok)).toEqual([false, false, false, false]);
      expect(target.seen).toHaveLength(0);
    },
  );

  it('to the same origin is not followed either', async () => {
    const server = await startTinyServer((response) => response.writeHead(307, { Location: '/other' }).end());
    await createHomeserver({ url: server.url }).whoami(token);
    expect(server.seen.map(({ url }) => url)).toEqual(['/_matrix/client/v3/account/whoami']);
  });
});

describe('the base URL', () => {
  it.each([
    ['', ''],
    ['/', ''],
    ['///', ''],
    ['/matrix', '/matrix'],
    ['/a/b/', '/a/b'],
    ['/_matrix/client', ''],
    ['/sub/_matrix/client/v3/', '/sub'],
  ])('with %j at its end', async (given, prefix) => {
    const server = await startTinyServer((response) => json(response, 200, { user_id: '@bot:localhost' }));
    const address = parseHomeserverAddress(`${server.url}${given}`);
    if (address.kind !== 'url') throw new Error('not a URL');
    await createHomeserver({ url: address.url }).whoami(token);
    expect(server.seen[0]?.url).toBe(`${prefix}/_matrix/client/v3/account/whoami`);
  });
});

it('no secret is in any answer, however it is printed', async () => {
  const [at, rt, pw] = ['canary-at-Homeserver1', 'canary-rt-Homeserver1', 'canary-pw-Homeserver1'];
  const server = await startTinyServer((response, { body, headers }) =>
    // What a careless server does: it quotes the request in its error.
    json(response, 403, { errcode: 'M_FORBIDDEN', error: `${String(body)} ${headers.authorization ?? ''}` }),
  );
  const homeserver = createHomeserver({ url: server.url });
  const answers = [
    await homeserver.whoami(new Secret(at)),
    await homeserver.refresh(new Secret(rt)),
    await homeserver.login({
      flow: { type: 'm.login.password', password: new Secret(pw) },
      deviceId: 'D',
      refreshToken: true,
    }),
  ];
  const printed = inspect(answers, { depth: null, showHidden: true }) + JSON.stringify(answers);
  expect([at, rt, pw].some((secret) => printed.includes(secret))).toBe(false);
});
