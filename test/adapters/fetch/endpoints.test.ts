import { describe, expect, it } from 'vitest';
import { json, startTinyServer } from '../homeserver/tiny-server.ts';
import { Harness, unknownToken } from './harness.ts';

const ROOM = '/_matrix/client/v3/rooms/!r:x/state';

async function ask(path: string, status = 200) {
  const server = await startTinyServer((response) =>
    json(response, status, status === 200 ? {} : unknownToken),
  );
  const session = new Harness({ homeserver: server.url });
  session.onRejected = () => session.move('failed');
  await session.fetch(`${server.url}${path}`, { headers: { Authorization: 'Bearer token-1' } });
  return { session, sent: server.seen[0]?.headers.authorization };
}

/** The token as it was sent to each of these, without the caller's doing. */
async function tokensAt(paths: readonly string[]) {
  const server = await startTinyServer((response) => json(response, 200, {}));
  const session = new Harness({ homeserver: server.url });
  for (const path of paths) await session.fetch(`${server.url}${path}`);
  return server.seen.map(({ url, headers }) => [url, headers.authorization]);
}

it('an endpoint that only begins as one without a token has one', async () => {
  const paths = [
    '/_matrix/client/v3/login-tokens',
    '/_matrix/client/v3/refresh-tokens',
    '/_matrix/client/v3/registered',
    '/_matrix/client/v3/account/password/email/requestToken/x',
    '/_matrix/client/v3/account/password',
    '/_matrix/client/v1/auth_metadata/x',
    '/_matrix/client/versions/x',
    '/_matrix/media/v3/downloads/x/y',
  ];
  expect(await tokensAt(paths)).toEqual(paths.map((path) => [path, 'Bearer token-1']));
});

it('a room whose state key is the whole path of one without a token has one', async () => {
  const paths = [
    '/_matrix/client/v3/login',
    '/_matrix/client/v3/refresh',
    '/_matrix/client/v3/register',
    '/_matrix/client/v3/account/3pid/email/requestToken',
    '/_matrix/client/v1/auth_metadata',
    '/_matrix/client/versions',
    '/_matrix/media/v3/download/x/y',
  ].map((path) => `${ROOM}${path}`);
  expect(await tokensAt(paths)).toEqual(paths.map((path) => [path, 'Bearer token-1']));
});

it('the rest of those without a token has none', async () => {
  const paths = [
    '/_matrix/client/v1/login/get_token_of',
    '/_matrix/client/v3/register/email/requestToken',
    '/_matrix/client/v3/account/3pid/email/requestToken',
    '/_matrix/client/v3/account/3pid/msisdn/requestToken',
    '/_matrix/client/v3/account/password/msisdn/requestToken',
  ];
  expect(await tokensAt(paths)).toEqual(paths.map((path) => [path, undefined]));
});

it('the token goes to the endpoints of Synapse', async () => {
  const paths = ['/_synapse/admin/v1/users', '/_synapse/client/x'];
  expect(await tokensAt(paths)).toEqual(paths.map((path) => [path, 'Bearer token-1']));
});

it('the token does not go below a path of the same length as that of the homeserver', async () => {
  const server = await startTinyServer((response) => json(response, 200, {}));
  const session = new Harness({ homeserver: `${server.url}/matrix` });
  await session.fetch(`${server.url}/gitlab/_matrix/client/v3/sync`);
  expect(server.seen[0]?.headers.authorization).toBeUndefined();
});

describe('a token is proven by a 200', () => {
  it.each([
    '/_matrix/client/v3/account/whoami',
    '/_matrix/client/v3/profiles',
    '/_matrix/client/v3/publicRoomsOf',
    '/_matrix/client/versions/x',
    `${ROOM}/profile/x`,
  ])('of %s', async (path) => {
    expect((await ask(path)).session.proven).toEqual([1]);
  });

  it.each([
    '/_matrix/client/versions',
    '/_matrix/client/v3/profile/@bot:x',
    '/_matrix/client/v3/profile/@bot:x/displayname',
    '/_matrix/client/v3/directory/room/%23x:y',
    '/_matrix/client/v3/publicRooms',
    '/_matrix/client/v3/publicRooms?limit=1',
  ])('but not of %s, which answers without one as well', async (path) => {
    const { session, sent } = await ask(path);
    expect(sent).toBe('Bearer token-1');
    expect(session.proven).toEqual([]);
  });
});

it.each(['/_matrix/client/v3/logout-devices', '/_matrix/client/v3/logout/x', '/_matrix/client/v3/x/logout'])(
  'a refused %s is no refused logout',
  async (path) => {
    expect((await ask(path, 401)).session.rejections).toHaveLength(1);
  },
);
