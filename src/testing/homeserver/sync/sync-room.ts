import { asNumber, type JsonObject } from '../../json.ts';
import { syncEvent, syncStateEvent, type Viewer } from '../rooms/client-event.ts';
import type { Receipt, Room, RoomEvent } from '../rooms/room.ts';
import type { World } from '../world.ts';
import { allows, part } from './filters.ts';
import { loadMembers } from './lazy-loading.ts';
import { tokenOf } from './stream-token.ts';

export interface SyncQuestion {
  readonly viewer: Viewer;
  readonly filter: JsonObject;
  /** `null`: an initial sync. */
  readonly since: number | null;
  readonly fullState: boolean;
}

export interface Range {
  /** Events after this position are new to the client. */
  readonly after: number;
  readonly upTo: number;
  /** The client knows nothing of the room: the timeline may reach back behind `after`, and the state is whole. */
  readonly whole: boolean;
}

const DEFAULT_TIMELINE_LIMIT = 10;

/** A joined room in a sync answer; `null` if nothing in it is new. */
export function joinedRoom(room: Room, question: SyncQuestion, world: World): JsonObject | null {
  const { viewer, since, filter } = question;
  const newlyJoined = since === null || !joinedThroughout(room, viewer.userId, since);
  const isWhole = newlyJoined || question.fullState;
  const range = { after: since ?? 0, upTo: Number.POSITIVE_INFINITY, whole: newlyJoined };
  const { timeline, state, summary, hasEvents } = eventsOf(room, question, range, world);
  const ephemeral = ephemeralOf(room, newlyJoined ? 0 : range.after).filter((event) =>
    allows(part(filter, 'room', 'ephemeral'), { type: String(event['type']) }),
  );
  const accountData = world.accountData
    .changed(viewer.userId, room.roomId, isWhole ? 0 : range.after)
    .filter((event) => allows(part(filter, 'room', 'account_data'), event));
  if (!isWhole && !hasEvents && ephemeral.length === 0 && accountData.length === 0) return null;
  return {
    timeline,
    state,
    account_data: { events: accountData },
    ephemeral: { events: ephemeral },
    unread_notifications: { notification_count: 0, highlight_count: 0 },
    summary,
  };
}

/** A room that was left, or whose invitation was turned down: up to the member event that says so. */
export function leftRoom(room: Room, question: SyncQuestion, world: World): JsonObject | null {
  const { viewer, since } = question;
  const left = room.membershipEvent(viewer.userId);
  if (left === undefined) return null;
  const { timeline, state } = eventsOf(
    room,
    question,
    { after: since ?? 0, upTo: left.position, whole: since === null },
    world,
  );
  const accountData = world.accountData.changed(viewer.userId, room.roomId, since ?? 0);
  return { timeline, state, account_data: { events: accountData } };
}

/** Whether the user was joined at this position and has been ever since. */
function joinedThroughout(room: Room, userId: string, since: number): boolean {
  return (
    room.membership(userId, since) === 'join' &&
    room
      .memberHistory(userId)
      .every((event) => event.position <= since || event.content['membership'] === 'join')
  );
}

function eventsOf(room: Room, question: SyncQuestion, range: Range, world: World) {
  const { viewer, filter } = question;
  const timelineFilter = part(filter, 'room', 'timeline');
  const limit = asNumber(timelineFilter['limit']) ?? DEFAULT_TIMELINE_LIMIT;
  const visible = room.visibilityFor(viewer.userId);
  const lower = range.whole ? 0 : range.after;
  const candidates = room
    .events(lower, range.upTo)
    .filter((event) => visible(event) && allows(timelineFilter, event));
  const shown = limit > 0 ? candidates.slice(-limit) : [];
  const limited = candidates.length > shown.length;

  const stateFrom = range.whole || question.fullState ? 0 : range.after;
  const inTimeline = new Set(shown);
  const state = new Map<string, RoomEvent>();
  for (const event of room.events(stateFrom, range.upTo)) {
    if (event.stateKey === undefined) continue;
    const key = `${event.type}\n${event.stateKey}`;
    // As on Synapse, it is the state after the first event of the timeline.
    if (event === shown[0]) state.delete(key);
    if (!inTimeline.has(event)) state.set(key, event);
  }
  const stateFilter = part(filter, 'room', 'state');
  const loaded = loadMembers([...state.values()], { room, question, range, timeline: shown, limited }, world);
  const stateEvents = loaded.state.filter((event) => visible(event) && allows(stateFilter, event));
  const before = shown[0] === undefined ? Math.min(range.upTo, world.stream.position) : shown[0].position - 1;
  return {
    hasEvents: shown.length > 0 || stateEvents.length > 0,
    timeline: {
      events: shown.map((event) => syncEvent(event, room, viewer, world.now())),
      prev_batch: tokenOf(before),
      limited,
    },
    state: { events: stateEvents.map((event) => syncStateEvent(event, viewer, world.now())) },
    summary: loaded.summary,
  };
}

function ephemeralOf(room: Room, after: number): JsonObject[] {
  const events: JsonObject[] = [];
  const { userIds, position } = room.typing;
  if (position > after && (after > 0 || userIds.size > 0)) {
    events.push({ type: 'm.typing', content: { user_ids: [...userIds] } });
  }
  const receipts = room.receipts(after);
  if (receipts.length > 0) events.push({ type: 'm.receipt', content: receiptContent(receipts) });
  return events;
}

function receiptContent(receipts: readonly Receipt[]): JsonObject {
  const content: Record<string, Record<string, Record<string, { ts: number }>>> = {};
  for (const { eventId, type, userId, ts } of receipts) {
    content[eventId] ??= {};
    content[eventId][type] ??= {};
    content[eventId][type][userId] = { ts };
  }
  return content;
}
