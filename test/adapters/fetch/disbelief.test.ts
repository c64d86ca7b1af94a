import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Disbelief, endpointOf } from '../../../src/adapters/fetch/disbelief.ts';
import { json, startTinyServer } from '../homeserver/tiny-server.ts';
import { Harness, unknownToken } from './harness.ts';

const WHOAMI = '/_matrix/client/v3/account/whoami';
const LIAR = '/_matrix/client/v3/rooms/!a:localhost/members';

/** A homeserver of which one endpoint refuses every token. */
async function setUp() {
  const server = await startTinyServer((response, { url }) =>
    url?.includes('/members') ? json(response, 401, unknownToken) : json(response, 200, {}),
  );
  const session = new Harness({ homeserver: server.url });
  session.onRejected = () => {
    session.checking = true;
  };
  return { server, session };
}

describe('an endpoint that refuses a token which whoami takes', () => {
  it('has its refusal passed on, once whoami has taken the token, and is named', async () => {
    const { server, session } = await setUp();
    const answer = session.fetch(`${server.url}${LIAR}`);
    await session.rejected(1);
    session.tokenLives();
    expect((await answer).status).toBe(401);
    expect(session.disbelieved).toEqual(['GET /_matrix/client/v3/rooms/{id}/members']);
  });

  it('makes no other request wait', async () => {
    const { server, session } = await setUp();
    const refused = session.fetch(`${server.url}${LIAR}`);
    await session.rejected(1);
    expect((await session.fetch(`${server.url}${WHOAMI}`)).status).toBe(200);
    session.tokenLives();
    await refused;
  });

  it('is not believed afterwards, in any room: its refusals change nothing and are passed on at once', async () => {
    const { server, session } = await setUp();
    const first = session.fetch(`${server.url}${LIAR}`);
    await session.rejected(1);
    session.tokenLives();
    await first;
    for (const room of ['!a:localhost', '!b:localhost', '%21c%3Alocalhost']) {
      const url = `${server.url}/_matrix/client/v3/rooms/${room}/members`;
      expect((await session.fetch(url)).status).toBe(401);
    }
    expect(session.rejections).toHaveLength(1);
    expect(session.disbelieved).toHaveLength(1);
  });

  it('has whoami asked about the token all the same, once a minute', async () => {
    const { server, session } = await setUp();
    const first = session.fetch(`${server.url}${LIAR}`);
    await session.rejected(1);
    session.tokenLives();
    await first;
    for (let count = 0; count < 3; count += 1) await session.fetch(`${server.url}${LIAR}`);
    expect(session.doubted).toEqual([1]);
  });

  it('is believed where the token is replaced: the request is sent again with the new one', async () => {
    const { server, session } = await setUp();
    const answer = session.fetch(`${server.url}${LIAR}`);
    await session.rejected(1);
    session.onRejected = () => {
      session.checking = true;
    };
    session.checking = false;
    session.renew();
    await session.rejected(2);
    session.tokenLives();
    expect((await answer).status).toBe(401);
    expect(session.rejections.map(({ generation }) => generation)).toEqual([1, 2]);
  });
});

describe('disbelief', () => {
  let now = 0;
  beforeEach(() => {
    now = 0;
  });
  afterEach(() => vi.restoreAllMocks());
  const call = (path: string, method = 'GET') =>
    ({ method, url: new URL(path, 'https://example.org') }) as never;

  it('lasts an hour', () => {
    const disbelief = new Disbelief(() => now);
    expect(disbelief.note(call(LIAR))).toBeDefined();
    now = 3_599_999;
    expect(disbelief.covers(call(LIAR))).toBe(true);
    expect(disbelief.note(call(LIAR))).toBeUndefined();
    now += 3_600_000;
    expect(disbelief.covers(call(LIAR))).toBe(false);
    expect(disbelief.note(call(LIAR))).toBeDefined();
  });

  it('doubts each token once, and once a minute', () => {
    const disbelief = new Disbelief(() => now);
    expect([1, 1, 2, 2].map((generation) => disbelief.doubts(generation))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    now += 60_000;
    expect([2, 1].map((generation) => disbelief.doubts(generation))).toEqual([true, false]);
  });

  it('is of one endpoint, and of no other', () => {
    const disbelief = new Disbelief(() => now);
    disbelief.note(call(LIAR));
    expect(disbelief.covers(call(LIAR, 'POST'))).toBe(false);
    expect(disbelief.covers(call(WHOAMI))).toBe(false);
    expect(disbelief.covers(call(`${LIAR}?user_id=@a:b`))).toBe(false);
  });

  it('remembers no more endpoints than it can hold', () => {
    const disbelief = new Disbelief(() => now);
    for (let count = 0; count < 300; count += 1)
      disbelief.note(call(`/_matrix/${'a'.repeat(count % 30)}${'b'.repeat(Math.floor(count / 30))}`));
    expect(disbelief.covers(call('/_matrix/'))).toBe(false);
  });

  it.each([
    [
      '/_matrix/client/v3/rooms/!a:b/send/m.room.message/m123.4',
      'GET /_matrix/client/v3/rooms/{id}/send/m.room.message/{id}',
    ],
    ['/_matrix/client/v3/user/%40bot%3Ab/filter/0', 'GET /_matrix/client/v3/user/{id}/filter/{id}'],
    [
      '/_matrix/client/v1/media/download/example.org/AbC4',
      'GET /_matrix/client/v1/media/download/example.org/{id}',
    ],
    ['/_matrix/client/v3/voip/turnServer', 'GET /_matrix/client/v3/voip/turnServer'],
    ['/_matrix/client/r0/sync?since=s1', 'GET /_matrix/client/r0/sync'],
    ['/_matrix/client/v3/account/whoami?user_id=@a:b', 'GET /_matrix/client/v3/account/whoami?user_id=*'],
  ])('%s is %s', (path, endpoint) => {
    expect(endpointOf(call(path))).toBe(endpoint);
  });
});
