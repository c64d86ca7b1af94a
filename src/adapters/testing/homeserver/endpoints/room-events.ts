import { roomEvent } from '../client-event.ts';
import { jsonBody, param } from '../incoming.ts';
import { matrixError, notFound } from '../matrix-error.ts';
import { answerContext, answerMessages } from '../pagination.ts';
import { readableRoomOf, sendableRoomOf } from '../room-policy.ts';
import { mayBeSeenBy } from '../sync-room.ts';
import { type Incoming } from '../incoming.ts';
import { authed, type Requester, type Route } from '../router.ts';
import type { World } from '../world.ts';

const statePaths = ['/v3/rooms/:roomId/state/:type/:stateKey', '/v3/rooms/:roomId/state/:type'];

/** What is in a room: its events and its state. */
export const roomEventEndpoints: readonly Route[] = [
  authed('PUT', '/v3/rooms/:roomId/send/:type/:txnId', (incoming, requester, world) => {
    const transaction = `${requester.userId}\n${requester.deviceId}\n${incoming.path}`;
    const known = world.transactions.get(transaction);
    if (known !== undefined) return { event_id: known };
    const answer = send(incoming, requester, world);
    world.transactions.set(transaction, answer.event_id);
    return answer;
  }),
  ...statePaths.flatMap((path) => [
    authed('PUT', path, (incoming, requester, world) => send(incoming, requester, world)),
    authed('GET', path, (incoming, requester, world) => {
      const room = readableRoomOf(incoming, requester, world);
      const event = room.state(param(incoming, 'type'), param(incoming, 'stateKey'));
      if (event === undefined) throw notFound('Event not found.');
      return event.content;
    }),
  ]),
  authed('GET', '/v3/rooms/:roomId/state', (incoming, requester, world) => {
    const room = readableRoomOf(incoming, requester, world);
    return room.currentState().map((event) => roomEvent(event, room, requester, world.now()));
  }),
  authed('GET', '/v3/rooms/:roomId/members', (incoming, requester, world) => {
    const room = readableRoomOf(incoming, requester, world);
    const only = incoming.query.get('membership');
    const not = incoming.query.get('not_membership');
    const chunk = room
      .currentState()
      .filter(({ type }) => type === 'm.room.member')
      .filter(({ content }) => only === null || content['membership'] === only)
      .filter(({ content }) => not === null || content['membership'] !== not)
      .map((event) => roomEvent(event, room, requester, world.now()));
    return { chunk };
  }),
  authed('GET', '/v3/rooms/:roomId/joined_members', (incoming, requester, world) => {
    const room = readableRoomOf(incoming, requester, world);
    const joined = room.joined().map((userId) => {
      const content = room.state('m.room.member', userId)?.content ?? {};
      return [
        userId,
        { avatar_url: content['avatar_url'] ?? null, display_name: content['displayname'] ?? null },
      ];
    });
    return { joined: Object.fromEntries(joined) };
  }),
  authed('GET', '/v3/rooms/:roomId/event/:eventId', (incoming, requester, world) => {
    const room = world.rooms.find(param(incoming, 'roomId'));
    const event = room?.event(param(incoming, 'eventId'));
    if (room === undefined || event === undefined || !mayBeSeenBy(room, requester.userId)(event)) {
      throw notFound('Event not found.');
    }
    return roomEvent(event, room, requester, world.now());
  }),
  authed('GET', '/v3/rooms/:roomId/messages', answerMessages),
  authed('GET', '/v3/rooms/:roomId/context/:eventId', answerContext),
];

/** Sends the event that the path and the body make: a state event if the path has no transaction id. */
function send(incoming: Incoming, requester: Requester, world: World): { event_id: string } {
  const content = jsonBody(incoming);
  const { type = '', stateKey = '', txnId } = incoming.params;
  if (requester.account.suspended) {
    const error = 'Sending messages while account is suspended is not allowed.';
    throw matrixError(403, 'M_USER_SUSPENDED', error);
  }
  world.messageLimit.count(requester.userId);
  const room = sendableRoomOf(incoming, requester, world, { type, isState: txnId === undefined });
  const event = world.rooms.append(room, {
    type,
    sender: requester.userId,
    content,
    ...(txnId === undefined
      ? { stateKey }
      : { transaction: { userId: requester.userId, deviceId: requester.deviceId, id: txnId } }),
  });
  return { event_id: event.eventId };
}
