import type { Account } from '../accounts/accounts.ts';
import { badRequest, forbidden, invalidParam, matrixError, suspended } from '../matrix-error.ts';
import type { Requester } from '../router.ts';
import type { World } from '../world.ts';
import type { Room, RoomEvent } from './room.ts';
import { joinedRoom } from './room-access.ts';

/** What is asked for: a membership, or one of the two that make it `leave` for somebody else. */
export type MembershipAction = 'join' | 'invite' | 'leave' | 'ban' | 'kick' | 'unban';

type Target = Pick<Account, 'userId' | 'displayName' | 'avatarUrl'>;

/** Changes what `targetId` is to the room, or refuses in Synapse's words. */
export function changeMembership(
  action: MembershipAction,
  roomId: string,
  requester: Requester,
  targetId: string,
  world: World,
): RoomEvent {
  if (!targetId.startsWith('@')) throw invalidParam("Expected UserID string to start with '@'");
  const target = world.accounts.find(targetId) ?? { userId: targetId, displayName: null, avatarUrl: null };
  switch (action) {
    case 'join':
      return join(roomId, requester, target, world);
    case 'invite':
      return invite(roomId, requester, target, world);
    case 'leave':
      return targetId === requester.userId
        ? leave(roomId, requester, world)
        : remove('kick', roomId, requester, target, world);
    case 'kick':
    case 'ban':
    case 'unban':
      return remove(action, roomId, requester, target, world);
  }
}

function join(roomId: string, requester: Requester, target: Target, world: World): RoomEvent {
  if (target.userId !== requester.userId) throw forbidden('Cannot force another user to join.');
  if (requester.account.suspended) throw suspended('Joining rooms');
  const room = world.rooms.find(roomId);
  if (room === undefined) {
    const error = "Can't join remote room because no servers that are in the room have been provided.";
    throw matrixError(404, 'M_UNKNOWN', error);
  }
  refuseBanned(room, target.userId, 'join');
  const membership = room.membership(target.userId);
  const isPublic = room.state('m.room.join_rules')?.content['join_rule'] === 'public';
  if (!isPublic && membership !== 'invite' && membership !== 'join') {
    throw forbidden('You are not invited to this room.');
  }
  return set(room, requester, target, 'join', world);
}

function invite(roomId: string, requester: Requester, target: Target, world: World): RoomEvent {
  if (requester.account.suspended) throw suspended('Sending invites');
  if (world.rooms.find(roomId) === undefined) throw forbidden('Unknown room');
  const room = joinedRoom(roomId, requester, world, `${requester.userId} not in room ${roomId}.`);
  refuseBanned(room, target.userId, 'invite');
  if (room.membership(target.userId) === 'join') throw forbidden(`${target.userId} is already in the room.`);
  if (room.powerOf(requester.userId) < room.powerNeeded('invite')) {
    throw forbidden("You don't have permission to invite users");
  }
  return set(room, requester, target, 'invite', world);
}

function leave(roomId: string, requester: Requester, world: World): RoomEvent {
  const room = world.rooms.find(roomId);
  if (room === undefined) throw matrixError(404, 'M_UNKNOWN', 'Not a known room');
  const current = room.membershipEvent(requester.userId);
  const membership = current?.content['membership'];
  // Who has left may leave again, to no effect; who was removed may not.
  const hasLeft = membership === 'leave' && current?.sender === requester.userId;
  if (membership !== 'join' && membership !== 'invite' && !hasLeft) {
    throw forbidden(`${requester.userId} not in room ${roomId}.`);
  }
  return set(room, requester, requester.account, 'leave', world);
}

function remove(
  action: 'kick' | 'ban' | 'unban',
  roomId: string,
  requester: Requester,
  target: Target,
  world: World,
): RoomEvent {
  const room = joinedRoom(roomId, requester, world, `${requester.userId} not in room ${roomId}.`);
  const membership = room.membership(target.userId);
  if (action === 'kick' && membership !== 'join' && membership !== 'invite') {
    throw forbidden('The target user is not in the room');
  }
  if (action === 'unban' && membership !== 'ban') {
    const error = `Cannot unban user who was not banned (membership=${membership ?? 'None'})`;
    throw matrixError(403, 'M_BAD_STATE', error);
  }
  const power = room.powerOf(requester.userId);
  const needed = room.powerNeeded(action === 'kick' ? 'kick' : 'ban');
  if (power < needed || power <= room.powerOf(target.userId)) {
    throw forbidden(
      action === 'kick' ? `You cannot kick user ${target.userId}.` : "You don't have permission to ban",
    );
  }
  return set(room, requester, target, action === 'ban' ? 'ban' : 'leave', world);
}

function set(
  room: Room,
  requester: Requester,
  target: Target,
  membership: 'join' | 'invite' | 'leave' | 'ban',
  world: World,
): RoomEvent {
  return world.rooms.setMembership(room, { sender: requester.userId, target, membership }, (userId) =>
    world.messageLimit.count(userId),
  );
}

function refuseBanned(room: Room, userId: string, action: string): void {
  if (room.membership(userId) === 'ban') {
    throw matrixError(403, 'M_BAD_STATE', `Cannot ${action} user who was banned`);
  }
}

/** The membership that a member event asks for. @throws MatrixError 400 for anything else. */
export function membershipAsked(content: Readonly<Record<string, unknown>>): MembershipAction {
  const asked = content['membership'];
  if (typeof asked !== 'string') throw badRequest('Invalid membership (must be a string)');
  if (asked === 'join' || asked === 'invite' || asked === 'leave' || asked === 'ban') return asked;
  throw badRequest('Invalid membership key');
}
