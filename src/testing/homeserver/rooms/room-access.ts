import { type Incoming, param } from '../incoming.ts';
import { forbidden } from '../matrix-error.ts';
import type { Requester } from '../router.ts';
import type { World } from '../world.ts';
import type { Room } from './room.ts';

/** The room, if the requester is in it. @throws MatrixError 403 with these words. */
export function joinedRoom(
  roomId: string,
  requester: Requester,
  world: World,
  refusal = `User ${requester.userId} not in room ${roomId}`,
): Room {
  const room = world.rooms.find(roomId);
  if (room?.membership(requester.userId) !== 'join') throw forbidden(refusal);
  return room;
}

/** The room of the path, if the requester is or was in it. */
export function readableRoomOf(incoming: Incoming, requester: Requester, world: World): Room {
  const roomId = param(incoming, 'roomId');
  const room = world.rooms.find(roomId);
  if (!room?.wasJoinedBy(requester.userId)) {
    throw forbidden(`User ${requester.userId} not in room ${roomId}, and room previews are disabled`);
  }
  return room;
}

/** @throws MatrixError 403 if the requester's power level is too low for such an event. */
export function requirePower(
  room: Room,
  requester: Requester,
  event: { readonly type: string; readonly isState: boolean },
): void {
  const needed = room.powerNeeded(event);
  const has = room.powerOf(requester.userId);
  if (has < needed) {
    const levels = `user_level (${has}) < send_level (${needed})`;
    throw forbidden(`You don't have permission to post that to the room. ${levels}`);
  }
}
