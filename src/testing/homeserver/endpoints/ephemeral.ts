import { asString, type JsonObject } from '../../json.ts';
import { jsonBody, param } from '../incoming.ts';
import { badRequest, forbidden, matrixError } from '../matrix-error.ts';
import { joinedRoom } from '../rooms/room-access.ts';
import { authed, type Route } from '../router.ts';
import type { World } from '../world.ts';

const RECEIPTS = ['m.read', 'm.read.private'];

/** Typing notices, receipts and read markers. */
export const ephemeralEndpoints: readonly Route[] = [
  authed('PUT', '/v3/rooms/:roomId/typing/:userId', (incoming, requester, world) => {
    if (param(incoming, 'userId') !== requester.userId)
      throw matrixError(400, 'M_FORBIDDEN', "Cannot set another user's typing state");
    const room = joinedRoom(param(incoming, 'roomId'), requester, world);
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
    const type = param(incoming, 'type');
    if (!RECEIPTS.includes(type) && type !== 'm.fully_read') {
      throw badRequest('Receipt type must be m.fully_read, m.read.private, m.read');
    }
    mark(param(incoming, 'roomId'), requester.userId, { [type]: param(incoming, 'eventId') }, world);
    return {};
  }),
  authed('POST', '/v3/rooms/:roomId/read_markers', (incoming, requester, world) => {
    mark(param(incoming, 'roomId'), requester.userId, jsonBody(incoming), world);
    return {};
  }),
];

/**
 * Sets receipts and the read marker. A receipt for an event that is not there does nothing, and nobody is told so.
 * @throws MatrixError 403 in a room one is not in, 404 for a read marker at an event that is not there
 */
function mark(roomId: string, userId: string, marks: JsonObject, world: World): void {
  const room = world.rooms.find(roomId);
  for (const type of RECEIPTS) {
    const eventId = asString(marks[type]);
    if (eventId === undefined) continue;
    const event = room?.event(eventId);
    if (room === undefined || event === undefined) continue;
    if (room.membership(userId) !== 'join')
      throw forbidden("You don't have permission to access that event.");
    room.addReceipt({ userId, eventId, type, ts: world.now(), position: world.stream.advance() });
    world.stream.notify(new Set(room.joined()));
  }
  const fullyRead = asString(marks['m.fully_read']);
  if (fullyRead !== undefined) {
    if (room?.event(fullyRead) === undefined) {
      throw matrixError(404, 'M_UNKNOWN', `Could not find event ${fullyRead} in room ${roomId}`);
    }
    world.accountData.set(userId, roomId, 'm.fully_read', { event_id: fullyRead });
  }
}
