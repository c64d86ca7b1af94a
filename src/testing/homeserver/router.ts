import type { Account } from './accounts/accounts.ts';
import { accessTokenOf, type Incoming } from './incoming.ts';
import { matrixError, unknownToken, unrecognized, userLocked } from './matrix-error.ts';
import type { World } from './world.ts';

/** Who sent a request, by its access token. */
export interface Requester {
  readonly account: Account;
  readonly userId: string;
  readonly deviceId: string;
}

export interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly answer: (incoming: Incoming, world: World) => unknown;
}

/** What is no part of the client-server API. */
const OUTSIDE = /^\/(\.well-known|_matrix|oauth2|authorize|link)(\/|$)/;

/** `/v3/…` stands for the spellings that Synapse gives these endpoints. */
function patternOf(path: string): RegExp {
  const names = path
    .replace(/[.]/g, '\\.')
    .replace(/:(\w+)/g, '(?<$1>[^/]*)')
    .replace(/^\/v3\//, '/(?:v3|r0|unstable)/');
  return new RegExp(OUTSIDE.test(path) ? `^${names}$` : `^/_matrix/client${names}$`);
}

/** An endpoint that needs no access token. */
export function open(
  method: string,
  path: string,
  answer: (incoming: Incoming, world: World) => unknown,
): Route {
  return { method, pattern: patternOf(path), answer };
}

/** An endpoint that needs an access token. */
export function authed(
  method: string,
  path: string,
  answer: (incoming: Incoming, requester: Requester, world: World) => unknown,
): Route {
  return open(method, path, (incoming, world) =>
    answer(incoming, authenticate(incoming, world, false), world),
  );
}

/** An endpoint that takes expired access tokens and those of locked users, too: the two logouts. */
export function authedInAnyState(
  method: string,
  path: string,
  answer: (incoming: Incoming, requester: Requester, world: World) => unknown,
): Route {
  return open(method, path, (incoming, world) =>
    answer(incoming, authenticate(incoming, world, true), world),
  );
}

function authenticate(incoming: Incoming, world: World, inAnyState: boolean): Requester {
  if (world.oauth !== null) return authenticateDelegated(incoming, world);
  const access = world.sessions.authenticate(accessTokenOf(incoming), inAnyState);
  const account = world.accounts.find(access.userId);
  if (account === undefined) throw unknownToken('Invalid access token passed.', false);
  incoming.record.userId = access.userId;
  incoming.record.deviceId = access.deviceId;
  if (account.locked && !inAnyState) throw userLocked();
  const device = account.devices.get(access.deviceId);
  if (device !== undefined) device.lastSeenTs = world.now();
  return { account, userId: access.userId, deviceId: access.deviceId };
}

/** The homeserver asks the OAuth 2.0 server, which says no more of a token than whether it is active. */
function authenticateDelegated(incoming: Incoming, world: World): Requester {
  const token = accessTokenOf(incoming);
  if (world.oauth?.introspectionDown === true)
    throw matrixError(503, 'M_UNKNOWN', 'Unable to introspect the access token');
  const { userId, deviceId } = world.sessions.authenticate(token, false);
  const account = world.accounts.find(userId);
  incoming.record.userId = userId;
  incoming.record.deviceId = deviceId;
  if (account === undefined || account.locked) throw unknownToken('Token is not active', false);
  return { account, userId, deviceId };
}

/** Finds the endpoint and answers. @throws MatrixError 404 or 405 `M_UNRECOGNIZED` if there is none. */
export function dispatch(
  routes: readonly Route[],
  incoming: Omit<Incoming, 'params'>,
  world: World,
): unknown {
  let known = false;
  for (const route of routes) {
    const match = route.pattern.exec(incoming.path);
    if (match === null) continue;
    known = true;
    if (route.method !== incoming.method) continue;
    const params = Object.fromEntries(
      Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
    return route.answer({ ...incoming, params }, world);
  }
  throw unrecognized(known ? 405 : 404);
}
