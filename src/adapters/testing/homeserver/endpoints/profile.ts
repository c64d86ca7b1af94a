import { type Incoming, jsonBody, param } from '../incoming.ts';
import { asString } from '../../json.ts';
import { badRequest, forbidden, matrixError, missingParams, notFound } from '../matrix-error.ts';
import { authed, open, type Requester, type Route } from '../router.ts';
import type { World } from '../world.ts';

export const profileEndpoints: readonly Route[] = [
  open('GET', '/v3/profile/:userId', (incoming, world) => {
    const account = accountOf(incoming, world);
    return {
      ...(account.displayName === null ? {} : { displayname: account.displayName }),
      ...(account.avatarUrl === null ? {} : { avatar_url: account.avatarUrl }),
    };
  }),
  open('GET', '/v3/profile/:userId/displayname', (incoming, world) => {
    const { displayName } = accountOf(incoming, world);
    return displayName === null ? {} : { displayname: displayName };
  }),
  open('GET', '/v3/profile/:userId/avatar_url', (incoming, world) => {
    const { avatarUrl } = accountOf(incoming, world);
    return avatarUrl === null ? {} : { avatar_url: avatarUrl };
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

function accountOf(incoming: Incoming, world: World) {
  const account = world.accounts.find(param(incoming, 'userId'));
  if (account === undefined) throw notFound('Profile was not found');
  return account;
}

function newValue(incoming: Incoming, { account }: Requester, name: string): string | null {
  const body = jsonBody(incoming);
  if (!(name in body)) throw missingParams([name]);
  if (account.suspended) {
    const error = 'Updating profile while account is suspended is not allowed.';
    throw matrixError(403, 'M_USER_SUSPENDED', error);
  }
  if (param(incoming, 'userId') !== account.userId) throw forbidden("Cannot set another user's profile");
  const value = asString(body[name]);
  if (value === undefined) throw badRequest(`'${name}' must be a string`);
  return value === '' ? null : value;
}

/** A profile is part of the member event of every room. */
function tellRooms({ account, userId }: Requester, world: World): void {
  for (const room of world.rooms.joinedBy(userId)) world.rooms.setMembership(room, userId, account, 'join');
}
