import type { JsonObject } from '../json.ts';
import type { Room, RoomEvent } from './room.ts';

/** Who is looking at an event: it decides on `transaction_id` and `membership`. */
export interface Viewer {
  readonly userId: string;
  readonly deviceId: string;
}

function unsignedOf(event: RoomEvent, room: Room, viewer: Viewer, now: number): JsonObject {
  const unsigned: JsonObject = {};
  if (event.replaces !== undefined) {
    unsigned['replaces_state'] = event.replaces.eventId;
    unsigned['prev_content'] = event.replaces.content;
    unsigned['prev_sender'] = event.replaces.sender;
  }
  unsigned['membership'] = room.membership(viewer.userId, event.position) ?? 'leave';
  unsigned['age'] = now - event.originServerTs;
  const { transaction } = event;
  if (transaction?.userId === viewer.userId && transaction.deviceId === viewer.deviceId) {
    unsigned['transaction_id'] = transaction.id;
  }
  return unsigned;
}

/** An event as `/sync` shows it: without the room id. */
export function syncEvent(event: RoomEvent, room: Room, viewer: Viewer, now: number): JsonObject {
  return {
    type: event.type,
    sender: event.sender,
    content: event.content,
    ...(event.stateKey === undefined ? {} : { state_key: event.stateKey }),
    origin_server_ts: event.originServerTs,
    unsigned: unsignedOf(event, room, viewer, now),
    event_id: event.eventId,
  };
}

/** An event as the other endpoints show it: with the room id, and Synapse's doubles at the top level. */
export function roomEvent(event: RoomEvent, room: Room, viewer: Viewer, now: number): JsonObject {
  const unsigned = unsignedOf(event, room, viewer, now);
  const doubles = Object.fromEntries(
    ['age', 'replaces_state', 'prev_content'].flatMap((key) =>
      key in unsigned ? [[key, unsigned[key]]] : [],
    ),
  );
  return {
    type: event.type,
    room_id: event.roomId,
    sender: event.sender,
    content: event.content,
    ...(event.stateKey === undefined ? {} : { state_key: event.stateKey }),
    origin_server_ts: event.originServerTs,
    unsigned,
    event_id: event.eventId,
    user_id: event.sender,
    ...doubles,
  };
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
