import { type Incoming, param } from './incoming.ts';
import { forbidden, matrixError } from './matrix-error.ts';
import type { Room } from './room.ts';
import type { Requester } from './router.ts';
import type { World } from './world.ts';

const suspended = (what: string) =>
  matrixError(403, 'M_USER_SUSPENDED', `${what} while account is suspended is not allowed.`);

/** The room of the path, if the requester may send this to it. */
export function sendableRoomOf(
  incoming: Incoming,
  requester: Requester,
  world: World,
  event: { readonly type: string; readonly isState: boolean },
): Room {
  const room = joinedRoomOf(incoming, requester, world);
  const needed = room.powerNeeded(event);
  const has = room.powerOf(requester.userId);
  if (has < needed) {
    throw forbidden(
      `You don't have permission to post that to the room. user_level (${has}) < send_level (${needed})`,
    );
  }
  return room;
}

/** The room of the path, if the requester is in it. */
export function joinedRoomOf(incoming: Incoming, requester: Requester, world: World): Room {
  return joinedRoom(param(incoming, 'roomId'), requester, world);
}

function joinedRoom(roomId: string, requester: Requester, world: World): Room {
  const room = world.rooms.find(roomId);
  if (room?.membership(requester.userId) !== 'join') {
    throw forbidden(`User ${requester.userId} not in room ${roomId}`);
  }
  return room;
}

/** The room of the path, if the requester is or was in it. */
export function readableRoomOf(incoming: Incoming, requester: Requester, world: World): Room {
  const roomId = param(incoming, 'roomId');
  const room = world.rooms.find(roomId);
  if (room === undefined || !room.wasJoinedBy(requester.userId)) {
    throw forbidden(`User ${requester.userId} not in room ${roomId}, and room previews are disabled`);
  }
  return room;
}

export function joinRoom(roomId: string, requester: Requester, world: World): { room_id: string } {
  if (requester.account.suspended) throw suspended('Joining rooms');
  const room = world.rooms.find(roomId);
  if (room === undefined) {
    throw matrixError(
      404,
      'M_UNKNOWN',
      "Can't join remote room because no servers that are in the room have been provided.",
    );
  }
  const membership = room.membership(requester.userId);
  if (membership === 'ban') throw matrixError(403, 'M_BAD_STATE', 'Cannot join user who was banned');
  if (membership === 'join') return { room_id: roomId };
  const rule = room.state('m.room.join_rules')?.content['join_rule'];
  if (rule !== 'public' && membership !== 'invite') throw forbidden('You are not invited to this room.');
  world.rooms.setMembership(room, requester.userId, requester.account, 'join');
  return { room_id: roomId };
}

export function leaveRoom(roomId: string, requester: Requester, world: World): Record<string, never> {
  const room = world.rooms.find(roomId);
  if (room === undefined) throw matrixError(404, 'M_UNKNOWN', 'Not a known room');
  const membership = room.membership(requester.userId);
  if (membership === 'leave') return {};
  if (membership !== 'join' && membership !== 'invite') {
    throw forbidden(`User ${requester.userId} not in room ${roomId}`);
  }
  world.rooms.setMembership(room, requester.userId, requester.account, 'leave');
  return {};
}

export function inviteTo(
  roomId: string,
  requester: Requester,
  targetId: string,
  world: World,
): Record<string, never> {
  if (requester.account.suspended) throw suspended('Sending invites');
  const room = joinedRoom(roomId, requester, world);
  const membership = room.membership(targetId);
  if (membership === 'ban') throw matrixError(403, 'M_BAD_STATE', 'Cannot invite user who was banned');
  if (membership === 'join') throw forbidden(`${targetId} is already in the room.`);
  if (room.powerOf(requester.userId) < room.powerNeeded('invite')) {
    throw forbidden("You don't have permission to invite users");
  }
  const target = world.accounts.find(targetId) ?? { userId: targetId, displayName: null, avatarUrl: null };
  world.rooms.setMembership(room, requester.userId, target, 'invite');
  return {};
}

export function kickFrom(
  roomId: string,
  requester: Requester,
  targetId: string,
  world: World,
): Record<string, never> {
  const room = joinedRoom(roomId, requester, world);
  const membership = room.membership(targetId);
  if (membership !== 'join' && membership !== 'invite') throw forbidden('The target user is not in the room');
  const power = room.powerOf(requester.userId);
  if (power < room.powerNeeded('kick') || power <= room.powerOf(targetId)) {
    throw forbidden(`You cannot kick user ${targetId}.`);
  }
  world.rooms.setMembership(
    room,
    requester.userId,
    { userId: targetId, displayName: null, avatarUrl: null },
    'leave',
  );
  return {};
}
