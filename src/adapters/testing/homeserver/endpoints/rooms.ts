import { createRoom } from '../create-room.ts';
import { jsonBody, param } from '../incoming.ts';
import { asString } from '../../json.ts';
import { matrixError, missingParams, notFound } from '../matrix-error.ts';
import { inviteTo, joinRoom, kickFrom, leaveRoom } from '../room-policy.ts';
import { authed, open, type Route } from '../router.ts';
import type { World } from '../world.ts';

/** Rooms as a whole, and who is in them. */
export const roomEndpoints: readonly Route[] = [
  authed('POST', '/v3/createRoom', (incoming, requester, world) => {
    if (requester.account.suspended) throw notWhileSuspended('Creating rooms');
    return { room_id: createRoom(jsonBody(incoming), requester, world).roomId };
  }),
  authed('POST', '/v3/join/:roomIdOrAlias', (incoming, requester, world) => {
    jsonBody(incoming, true);
    return joinRoom(resolve(param(incoming, 'roomIdOrAlias'), world), requester, world);
  }),
  authed('POST', '/v3/rooms/:roomId/join', (incoming, requester, world) => {
    jsonBody(incoming, true);
    return joinRoom(param(incoming, 'roomId'), requester, world);
  }),
  authed('POST', '/v3/rooms/:roomId/leave', (incoming, requester, world) => {
    jsonBody(incoming, true);
    return leaveRoom(param(incoming, 'roomId'), requester, world);
  }),
  authed('POST', '/v3/rooms/:roomId/forget', () => ({})),
  authed('POST', '/v3/rooms/:roomId/invite', (incoming, requester, world) => {
    const target = asString(jsonBody(incoming)['user_id']);
    if (target === undefined) throw missingParams(['user_id']);
    return inviteTo(param(incoming, 'roomId'), requester, target, world);
  }),
  authed('POST', '/v3/rooms/:roomId/kick', (incoming, requester, world) => {
    const target = asString(jsonBody(incoming)['user_id']);
    if (target === undefined) throw missingParams(['user_id']);
    return kickFrom(param(incoming, 'roomId'), requester, target, world);
  }),
  authed('GET', '/v3/joined_rooms', (_, requester, world) => ({
    joined_rooms: world.rooms.joinedBy(requester.userId).map((room) => room.roomId),
  })),
  open('GET', '/v3/directory/room/:alias', (incoming, world) => ({
    room_id: resolve(param(incoming, 'alias'), world),
    servers: [world.options.serverName],
  })),
];

function resolve(roomIdOrAlias: string, world: World): string {
  if (!roomIdOrAlias.startsWith('#')) return roomIdOrAlias;
  const roomId = world.rooms.resolveAlias(roomIdOrAlias);
  if (roomId === undefined) throw notFound(`Room alias ${roomIdOrAlias} not found`);
  return roomId;
}

function notWhileSuspended(what: string) {
  return matrixError(403, 'M_USER_SUSPENDED', `${what} while account is suspended is not allowed.`);
}
