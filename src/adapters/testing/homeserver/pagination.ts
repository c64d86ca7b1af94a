import { roomEvent } from './client-event.ts';
import { allows } from './filters.ts';
import { type Incoming, integerQuery, param } from './incoming.ts';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { invalidParam, matrixError, notFound } from './matrix-error.ts';
import { readableRoomOf } from './room-policy.ts';
import type { Room, RoomEvent } from './room.ts';
import type { Requester } from './router.ts';
import { parsePosition, tokenOf } from './stream-token.ts';
import { mayBeSeenBy } from './sync-room.ts';
import type { World } from './world.ts';

/** Answers `GET /rooms/{roomId}/messages`. */
export function answerMessages(incoming: Incoming, requester: Requester, world: World): JsonObject {
  const direction = incoming.query.get('dir') ?? 'f';
  if (direction !== 'b' && direction !== 'f') {
    throw invalidParam("Query parameter 'dir' must be one of ['b', 'f']");
  }
  const limit = integerQuery(incoming, 'limit', 10);
  const from = positionQuery(incoming, 'from');
  const to = positionQuery(incoming, 'to');
  const filter = filterQuery(incoming);
  const room = readableRoomOf(incoming, requester, world);
  const last = lastPositionSeenBy(room, requester.userId, world);
  const start = Math.min(from ?? (direction === 'b' ? last : 0), last);
  const range =
    direction === 'b' ? room.events(to ?? 0, start) : room.events(start, Math.min(to ?? last, last));
  const wanted = range.filter((event) => mayBeSeenBy(room, requester.userId)(event) && allows(filter, event));
  const events = direction === 'b' ? wanted.toReversed().slice(0, limit) : wanted.slice(0, limit);
  const end = events.at(-1);
  return {
    chunk: events.map((event) => roomEvent(event, room, requester, world.now())),
    start: tokenOf(start),
    ...(end === undefined ? {} : { end: tokenOf(direction === 'b' ? end.position - 1 : end.position) }),
  };
}

/** Answers `GET /rooms/{roomId}/context/{eventId}`. */
export function answerContext(incoming: Incoming, requester: Requester, world: World): JsonObject {
  const limit = integerQuery(incoming, 'limit', 10);
  const room = readableRoomOf(incoming, requester, world);
  const event = room.event(param(incoming, 'eventId'));
  if (event === undefined) throw notFound('Event not found.');
  const before = room.events(0, event.position - 1).slice(-Math.floor(limit / 2));
  const after = room
    .events(event.position, lastPositionSeenBy(room, requester.userId, world))
    .slice(0, Math.ceil(limit / 2));
  const toClient = (each: RoomEvent) => roomEvent(each, room, requester, world.now());
  return {
    event: toClient(event),
    events_before: before.toReversed().map(toClient),
    events_after: after.map(toClient),
    state: room.currentState().map(toClient),
    start: tokenOf((before[0] ?? event).position - 1),
    end: tokenOf((after.at(-1) ?? event).position),
  };
}

/** The present, or for someone who left, the moment of leaving. */
function lastPositionSeenBy(room: Room, userId: string, world: World): number {
  const own = room.membershipEvent(userId);
  return own === undefined || own.content['membership'] === 'join' ? world.stream.position : own.position;
}

function positionQuery(incoming: Incoming, name: string): number | undefined {
  const token = incoming.query.get(name);
  return token === null ? undefined : parsePosition(token);
}

function filterQuery(incoming: Incoming): JsonObject {
  const text = incoming.query.get('filter');
  if (text === null) return {};
  const filter = parseJson(text);
  if (isObject(filter)) return filter;
  throw matrixError(400, 'M_NOT_JSON', "Failed to parse JSON query parameter 'filter'");
}
