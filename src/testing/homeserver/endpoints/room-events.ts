import { param } from '../incoming.ts';
import { forbidden, notFound } from '../matrix-error.ts';
import { roomEvent, stateEvent } from '../rooms/client-event.ts';
import { answerContext, answerMessages } from '../rooms/pagination.ts';
import { readableRoomOf } from '../rooms/room-access.ts';
import { sendMessage, sendState } from '../rooms/send-event.ts';
import { authed, type Route } from '../router.ts';

const statePaths = ['/v3/rooms/:roomId/state/:type/:stateKey', '/v3/rooms/:roomId/state/:type'];

/** What is in a room: its events and its state. */
export const roomEventEndpoints: readonly Route[] = [
  authed('PUT', '/v3/rooms/:roomId/send/:type/:txnId', sendMessage),
  authed('POST', '/v3/rooms/:roomId/send/:type', sendMessage),
  ...statePaths.flatMap((path) => [
    authed('PUT', path, sendState),
    authed('GET', path, (incoming, requester, world) => {
      const room = readableRoomOf(incoming, requester, world);
      const event = room.state(param(incoming, 'type'), param(incoming, 'stateKey'));
      if (event === undefined) throw notFound('Event not found.');
      return event.content;
    }),
  ]),
  authed('GET', '/v3/rooms/:roomId/state', (incoming, requester, world) => {
    const room = readableRoomOf(incoming, requester, world);
    return room.currentState().map((event) => stateEvent(event, requester, world.now()));
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
      .map((event) => stateEvent(event, requester, world.now()));
    return { chunk };
  }),
  authed('GET', '/v3/rooms/:roomId/joined_members', (incoming, requester, world) => {
    const refusal = 'Getting joined members while not being a current member of the room is forbidden.';
    const room = readableRoomOf(incoming, requester, world);
    if (room.membership(requester.userId) !== 'join') throw forbidden(refusal);
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
    if (room === undefined || event === undefined || !room.visibilityFor(requester.userId)(event)) {
      throw notFound('Event not found.');
    }
    return roomEvent(event, room, requester, world.now());
  }),
  authed('GET', '/v3/rooms/:roomId/messages', answerMessages),
  authed('GET', '/v3/rooms/:roomId/context/:eventId', answerContext),
];
