import type { ISyncResponse } from 'matrix-js-sdk';
import type { SyncArchive } from './archive.ts';

interface Messages {
  readonly chunk: readonly RoomEvent[];
  readonly end?: string;
}

type RoomEvent = ISyncResponse['rooms']['join'][string]['timeline']['events'][number];

export interface GapOptions {
  readonly archive: SyncArchive;
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
 * @returns how many events were added
 */
export async function fillGaps(response: ISyncResponse, since: string, options: GapOptions): Promise<number> {
  let added = 0;
  for (const [roomId, room] of Object.entries(response.rooms?.join ?? {})) {
    const { timeline } = room;
    const known = options.archive.lastEventOf(roomId);
    // A room that was not joined before has no gap: what is older is history, not news.
    if (timeline?.limited !== true || !timeline.prev_batch || known === undefined) continue;
    if (timeline.events.some((event) => event.event_id === known)) continue;
    const missed = await missedEvents(roomId, timeline.prev_batch, known, options);
    if (missed === undefined) continue;
    const ids = new Set(missed.map((event) => event.event_id));
    timeline.events = [...missed, ...timeline.events.filter((event) => !ids.has(event.event_id))];
    timeline.limited = false;
    timeline.prev_batch = since;
    // State that changed in the gap is told by the gap's own events now.
    if (room.state !== undefined)
      room.state.events = room.state.events.filter((event) => !ids.has(event.event_id));
    added += missed.length;
  }
  return added;
}

/** The events between `known` and `from`, oldest first; `undefined` if the way back to `known` was not found. */
async function missedEvents(
  roomId: string,
  from: string,
  known: string,
  { homeserverUrl, fetch, signal, maxEvents }: GapOptions,
): Promise<RoomEvent[] | undefined> {
  const newestFirst: RoomEvent[] = [];
  let position: string | undefined = from;
  while (position !== undefined && newestFirst.length < maxEvents) {
    const query = new URLSearchParams({ dir: 'b', from: position, limit: '100' });
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages?${query}`;
    const response = await fetch(`${homeserverUrl}${path}`, signal === undefined ? {} : { signal });
    if (!response.ok) return undefined;
    const { chunk, end } = (await response.json()) as Messages;
    const reached = chunk.findIndex((event) => event.event_id === known);
    newestFirst.push(...(reached === -1 ? chunk : chunk.slice(0, reached)));
    if (reached !== -1) return newestFirst.reverse();
    position = end;
  }
  return undefined;
}
