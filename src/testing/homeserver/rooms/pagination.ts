import { isObject, type JsonObject, parseJson } from '../../json.ts';
import { type Incoming, integerQuery, param } from '../incoming.ts';
import { badRequest, invalidParam, matrixError, notFound } from '../matrix-error.ts';
import type { Requester } from '../router.ts';
import { allows } from '../sync/filters.ts';
import { isStreamToken, parsePosition, tokenOf } from '../sync/stream-token.ts';
import type { World } from '../world.ts';
import { stateEvent, timelineEvent } from './client-event.ts';
import type { RoomEvent } from './room.ts';
import { readableRoomOf } from './room-access.ts';

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
  const start = from ?? (direction === 'b' ? world.stream.position : 0);
  const range = direction === 'b' ? room.events(to ?? 0, start) : room.events(start, to);
  const visible = room.visibilityFor(requester.userId);
  const wanted = range.filter((event) => visible(event) && allows(filter, event));
  const events = direction === 'b' ? wanted.toReversed().slice(0, limit) : wanted.slice(0, limit);
  const end = events.at(-1);
  return {
    chunk: events.map((event) => timelineEvent(event, room, requester, world.now())),
    start: tokenOf(start),
    ...(end === undefined ? {} : { end: tokenOf(direction === 'b' ? end.position - 1 : end.position) }),
  };
}

/** Answers `GET /rooms/{roomId}/context/{eventId}`. */
export function answerContext(incoming: Incoming, requester: Requester, world: World): JsonObject {
  const limit = integerQuery(incoming, 'limit', 10);
  const room = readableRoomOf(incoming, requester, world);
  const visible = room.visibilityFor(requester.userId);
  const event = room.event(param(incoming, 'eventId'));
  if (event === undefined || !visible(event)) throw notFound('Event not found.');
  const beforeLimit = Math.floor(limit / 2);
  const earlier = room.events(0, event.position - 1).filter(visible);
  const before = earlier.slice(earlier.length - Math.min(beforeLimit, earlier.length));
  const after = room
    .events(event.position)
    .filter(visible)
    .slice(0, limit - beforeLimit);
  const toClient = (each: RoomEvent) => timelineEvent(each, room, requester, world.now());
  const shown = new Set([event, ...before, ...after]);
  const state = room
    .currentState()
    .map((each) => stateEvent(each, requester, world.now(), shown.has(each) ? 'timeline' : 'alone'));
  return {
    event: toClient(event),
    events_before: before.toReversed().map(toClient),
    events_after: after.map(toClient),
    state,
    start: tokenOf((before[0] ?? event).position - 1),
    end: tokenOf((after.at(-1) ?? event).position),
  };
}

function positionQuery(incoming: Incoming, name: string): number | undefined {
  const token = incoming.query.get(name);
  if (token === null) return undefined;
  if (!isStreamToken(token)) throw badRequest(`'${name}' parameter is invalid`);
  return parsePosition(token);
}

function filterQuery(incoming: Incoming): JsonObject {
  const text = incoming.query.get('filter');
  if (text === null) return {};
  const filter = parseJson(text);
  if (isObject(filter)) return filter;
  throw matrixError(400, 'M_NOT_JSON', 'Query parameter filter must be a valid JSON object');
}
