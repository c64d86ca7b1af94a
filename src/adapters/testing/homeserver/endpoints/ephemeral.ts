import { jsonBody, param } from '../incoming.ts';
import { asString } from '../../json.ts';
import { forbidden } from '../matrix-error.ts';
import type { Room } from '../room.ts';
import { joinedRoomOf } from '../room-policy.ts';
import { authed, type Route } from '../router.ts';
import type { World } from '../world.ts';

/** Typing notices, receipts and read markers. */
export const ephemeralEndpoints: readonly Route[] = [
  authed('PUT', '/v3/rooms/:roomId/typing/:userId', (incoming, requester, world) => {
    if (param(incoming, 'userId') !== requester.userId)
      throw forbidden("Cannot set another user's typing state");
    const room = joinedRoomOf(incoming, requester, world);
    const userIds = new Set(room.typing.userIds);
    if (jsonBody(incoming)['typing'] === true) userIds.add(requester.userId);
    else userIds.delete(requester.userId);
    if (userIds.size !== room.typing.userIds.size) {
      room.typing = { userIds, position: world.stream.advance() };
      world.stream.notify(new Set(room.joined()));
    }
    return {};
  }),
  authed('POST', '/v3/rooms/:roomId/receipt/:type/:eventId', (incoming, requester, world) => {
    const room = joinedRoomOf(incoming, requester, world);
    addReceipt(room, world, requester.userId, param(incoming, 'type'), param(incoming, 'eventId'));
    return {};
  }),
  authed('POST', '/v3/rooms/:roomId/read_markers', (incoming, requester, world) => {
    const room = joinedRoomOf(incoming, requester, world);
    const body = jsonBody(incoming);
    for (const type of ['m.read', 'm.read.private']) {
      const eventId = asString(body[type]);
      if (eventId !== undefined) addReceipt(room, world, requester.userId, type, eventId);
    }
    const fullyRead = asString(body['m.fully_read']);
    if (fullyRead !== undefined) {
      world.accountData.set(requester.userId, room.roomId, 'm.fully_read', { event_id: fullyRead });
    }
    return {};
  }),
];

function addReceipt(room: Room, world: World, userId: string, type: string, eventId: string): void {
  room.addReceipt({ userId, eventId, type, ts: world.now(), position: world.stream.advance() });
  world.stream.notify(new Set(room.joined()));
}
