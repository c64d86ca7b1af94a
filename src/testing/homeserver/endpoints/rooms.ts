import { asString } from '../../json.ts';
import { jsonBody, param } from '../incoming.ts';
import { badRequest, missingParams, notFound, suspended } from '../matrix-error.ts';
import { createRoom } from '../rooms/create-room.ts';
import { changeMembership } from '../rooms/membership.ts';
import { authed, open, type Route } from '../router.ts';
import type { World } from '../world.ts';

/** Rooms as a whole, and who is in them. */
export const roomEndpoints: readonly Route[] = [
  authed('POST', '/v3/createRoom', (incoming, requester, world) => {
    if (requester.account.suspended) throw suspended('Sending messages');
    return { room_id: createRoom(jsonBody(incoming), requester, world).roomId };
  }),
  authed('POST', '/v3/join/:roomIdOrAlias', (incoming, requester, world) => {
    jsonBody(incoming, true);
    const roomId = resolve(param(incoming, 'roomIdOrAlias'), world);
    changeMembership('join', roomId, requester, requester.userId, world);
    return { room_id: roomId };
  }),
  authed('POST', '/v3/rooms/:roomId/join', (incoming, requester, world) => {
    jsonBody(incoming, true);
    const roomId = param(incoming, 'roomId');
    changeMembership('join', roomId, requester, requester.userId, world);
    return { room_id: roomId };
  }),
  authed('POST', '/v3/rooms/:roomId/leave', (incoming, requester, world) => {
    jsonBody(incoming, true);
    changeMembership('leave', param(incoming, 'roomId'), requester, requester.userId, world);
    return {};
  }),
  ...(['invite', 'kick', 'ban', 'unban'] as const).map((action) =>
    authed('POST', `/v3/rooms/:roomId/${action}`, (incoming, requester, world) => {
      const target = asString(jsonBody(incoming)['user_id']);
      if (target === undefined) throw missingParams(['user_id']);
      changeMembership(action, param(incoming, 'roomId'), requester, target, world);
      return {};
    }),
  ),
  authed('POST', '/v3/rooms/:roomId/forget', (incoming, requester, world) => {
    const roomId = param(incoming, 'roomId');
    if (world.rooms.find(roomId)?.membership(requester.userId) === 'join') {
      throw badRequest(`User ${requester.userId} in room ${roomId}`);
    }
    return {};
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
  if (roomIdOrAlias.startsWith('!')) return roomIdOrAlias;
  if (!roomIdOrAlias.startsWith('#')) {
    throw badRequest(`${roomIdOrAlias} was not legal room ID or room alias`);
  }
  const roomId = world.rooms.resolveAlias(roomIdOrAlias);
  if (roomId === undefined) throw notFound(`Room alias ${roomIdOrAlias} not found`);
  return roomId;
}
