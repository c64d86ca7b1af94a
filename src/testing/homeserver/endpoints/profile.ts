import { asString } from '../../json.ts';
import { type Incoming, jsonBody, param } from '../incoming.ts';
import { invalidParam, type MatrixError, matrixError, notFound, suspended } from '../matrix-error.ts';
import { authed, open, type Requester, type Route } from '../router.ts';
import type { World } from '../world.ts';

// Synapse words the same thing in two ways.
const PROFILE_MISSING = () => notFound('Profile was not found');
const ROW_MISSING = () => matrixError(404, 'M_UNKNOWN', 'No row found (profiles)');

export const profileEndpoints: readonly Route[] = [
  open('GET', '/v3/profile/:userId', (incoming, world) => {
    const account = accountOf(incoming, world, ROW_MISSING);
    return {
      ...(account.displayName === null ? {} : { displayname: account.displayName }),
      ...(account.avatarUrl === null ? {} : { avatar_url: account.avatarUrl }),
    };
  }),
  open('GET', '/v3/profile/:userId/displayname', (incoming, world) => {
    return { displayname: accountOf(incoming, world, PROFILE_MISSING).displayName };
  }),
  open('GET', '/v3/profile/:userId/avatar_url', (incoming, world) => {
    return { avatar_url: accountOf(incoming, world, PROFILE_MISSING).avatarUrl };
  }),
  authed('PUT', '/v3/profile/:userId/displayname', (incoming, requester, world) => {
    requester.account.displayName = newValue(incoming, requester, 'displayname');
    tellRooms(requester, world);
    return {};
  }),
  authed('PUT', '/v3/profile/:userId/avatar_url', (incoming, requester, world) => {
    requester.account.avatarUrl = newValue(incoming, requester, 'avatar_url');
    tellRooms(requester, world);
    return {};
  }),
];

function accountOf(incoming: Incoming, world: World, missing: () => MatrixError) {
  const account = world.accounts.find(param(incoming, 'userId'));
  if (account === undefined) throw missing();
  return account;
}

function newValue(incoming: Incoming, { account }: Requester, name: string): string | null {
  const body = jsonBody(incoming);
  if (!(name in body)) throw matrixError(400, 'M_MISSING_PARAM', `Missing key '${name}'`);
  if (account.suspended) throw suspended('Updating profile');
  if (param(incoming, 'userId') !== account.userId)
    throw matrixError(400, 'M_FORBIDDEN', `Cannot set another user's ${name}`);
  const value = asString(body[name]);
  if (value === undefined) throw invalidParam(`'${name}' must be a string`);
  return value === '' ? null : value;
}

/** A profile is part of the member event of every room. */
function tellRooms({ account, userId }: Requester, world: World): void {
  for (const room of world.rooms.joinedBy(userId)) {
    world.rooms.setMembership(room, { sender: userId, target: account, membership: 'join' });
  }
}
