import { asObject, type JsonObject } from '../../json.ts';
import type { Room, RoomEvent } from './room.ts';

/** Who is looking at an event: it decides on `transaction_id` and `membership`. */
export interface Viewer {
  readonly userId: string;
  readonly deviceId: string;
}

/** Where an event is shown. What a state event has replaced is told with the timeline, and in `/sync`. */
type Place = 'timeline' | 'alone';

function unsignedOf(event: RoomEvent, viewer: Viewer, now: number, place: Place): JsonObject {
  const unsigned: JsonObject = {};
  if (event.replaces !== undefined) {
    unsigned['replaces_state'] = event.replaces.eventId;
    if (place === 'timeline') {
      unsigned['prev_content'] = event.replaces.content;
      unsigned['prev_sender'] = event.replaces.sender;
    }
  }
  unsigned['age'] = now - event.originServerTs;
  const { transaction } = event;
  if (transaction?.userId === viewer.userId && transaction.deviceId === viewer.deviceId) {
    unsigned['transaction_id'] = transaction.id;
  }
  return unsigned;
}

/** An event in the state of a sync answer: without the room id. */
export function syncStateEvent(
  event: RoomEvent,
  viewer: Viewer,
  now: number,
  place: Place = 'timeline',
): JsonObject {
  return {
    type: event.type,
    sender: event.sender,
    content: event.content,
    ...(event.stateKey === undefined ? {} : { state_key: event.stateKey }),
    origin_server_ts: event.originServerTs,
    unsigned: unsignedOf(event, viewer, now, place),
    event_id: event.eventId,
  };
}

/** An event in the timeline of a sync answer: it also says what the viewer was to the room then. */
export function syncEvent(event: RoomEvent, room: Room, viewer: Viewer, now: number): JsonObject {
  return withMembership(syncStateEvent(event, viewer, now), event, room, viewer);
}

/** An event of the state, as the other endpoints show it: with the room id, and Synapse's doubles at the top. */
export function stateEvent(
  event: RoomEvent,
  viewer: Viewer,
  now: number,
  place: Place = 'alone',
): JsonObject {
  const { unsigned, ...rest } = syncStateEvent(event, viewer, now, place);
  const doubles = Object.entries(asObject(unsigned)).filter(([key]) => DOUBLED.includes(key));
  return {
    ...rest,
    room_id: event.roomId,
    unsigned,
    user_id: event.sender,
    ...Object.fromEntries(doubles),
  };
}

/** An event that was asked for by its id. */
export function roomEvent(
  event: RoomEvent,
  room: Room,
  viewer: Viewer,
  now: number,
  place: Place = 'alone',
): JsonObject {
  return withMembership(stateEvent(event, viewer, now, place), event, room, viewer);
}

/** An event of the timeline, as the other endpoints show it. */
export function timelineEvent(event: RoomEvent, room: Room, viewer: Viewer, now: number): JsonObject {
  return roomEvent(event, room, viewer, now, 'timeline');
}

const DOUBLED = ['age', 'replaces_state', 'prev_content'];

function withMembership(shown: JsonObject, event: RoomEvent, room: Room, viewer: Viewer): JsonObject {
  const membership = room.membership(viewer.userId, event.position) ?? 'leave';
  return { ...shown, unsigned: { ...asObject(shown['unsigned']), membership } };
}

/** A state event as an invited user sees it. */
export function strippedEvent(event: RoomEvent): JsonObject {
  return {
    type: event.type,
    state_key: event.stateKey ?? '',
    content: event.content,
    sender: event.sender,
  };
}
