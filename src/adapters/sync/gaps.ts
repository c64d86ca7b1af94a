import type { RoomEvent, SyncAnswer } from './sync-answer.ts';

interface Messages {
  readonly chunk: readonly RoomEvent[];
  readonly end?: string;
}

export interface GapOptions {
  /** The newest event of a room that was received; `undefined` for a room that was not joined before. */
  readonly lastEventOf: (roomId: string) => string | undefined;
  /** The bot. What was said before it joined is history, not news. */
  readonly userId: string;
  readonly homeserverUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal | undefined;
  /** How many events of one room are fetched at the most. */
  readonly maxEvents: number;
}

/**
 * Fills the gaps of a sync response. After an absence a homeserver sends only the newest events of a room and sets
 * `limited`; the older ones are fetched here and put in front, in order, so that no message is lost. Where that is
 * not possible the room is left as the homeserver sent it, with its gap marked.
 */
export async function fillGaps(response: SyncAnswer, since: string, options: GapOptions): Promise<void> {
  for (const [roomId, room] of Object.entries(response.rooms?.join ?? {})) {
    const { timeline } = room;
    if (timeline?.limited !== true || !timeline.prev_batch) continue;
    const known = options.lastEventOf(roomId);
    const reaches = (event: RoomEvent) => event.event_id === known || joins(event, options.userId);
    if (timeline.events.some(reaches)) continue;
    const missed = await missedEvents(roomId, { from: timeline.prev_batch, to: since }, reaches, options);
    if (missed === undefined) continue;
    const ids = new Set(missed.map((event) => event.event_id));
    timeline.events = [...missed, ...timeline.events.filter((event) => !ids.has(event.event_id))];
    timeline.limited = false;
    timeline.prev_batch = since;
    // State that changed in the gap is told by the gap's own events now.
    if (room.state !== undefined)
      room.state.events = room.state.events.filter((event) => !ids.has(event.event_id));
  }
}

/** Whether this is the event by which the user came into the room, and not a change of their name, say. */
function joins(event: RoomEvent, userId: string): boolean {
  if (event.type !== 'm.room.member' || event.state_key !== userId) return false;
  const before = event.unsigned?.['prev_content'] as { readonly membership?: unknown } | undefined;
  return event.content['membership'] === 'join' && before?.membership !== 'join';
}

/**
 * The events from `from` back to `to`, or to the first that `reaches` says is known if that comes earlier, oldest first
 * and without that one; `undefined` if there are too many.
 */
async function missedEvents(
  roomId: string,
  { from, to }: { readonly from: string; readonly to: string },
  reaches: (event: RoomEvent) => boolean,
  { homeserverUrl, fetch, signal, maxEvents }: GapOptions,
): Promise<RoomEvent[] | undefined> {
  const newestFirst: RoomEvent[] = [];
  for (let position: string | undefined = from; position !== undefined && newestFirst.length < maxEvents; ) {
    const query = new URLSearchParams({ dir: 'b', from: position, to, limit: '100' });
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages?${query}`;
    const response = await fetch(`${homeserverUrl}${path}`, signal === undefined ? {} : { signal });
    if (!response.ok) {
      await response.body?.cancel();
      // What passes is asked for again: the SDK repeats a sync that failed, from the same position.
      if (response.status === 429 || response.status >= 500) throw new Error(`Messages: ${response.status}`);
      return undefined;
    }
    const { chunk, end } = (await response.json()) as Messages;
    const reached = chunk.findIndex(reaches);
    newestFirst.push(...(reached === -1 ? chunk : chunk.slice(0, reached)));
    if (reached !== -1 || end === undefined) return newestFirst.reverse();
    position = end;
  }
  return undefined;
}
