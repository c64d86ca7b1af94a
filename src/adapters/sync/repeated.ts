import { randomInt } from 'node:crypto';
import type { RoomEvent, SyncAnswer } from './sync-answer.ts';

/** The key in `unsigned` of an event that the bot may have handled before. */
const REPEATED = 'matrix-auth-machine.repeated';

interface SdkEvent {
  getUnsigned(): object;
}

/**
 * Whether the bot may have handled this event before: it came after the last stored position, and the process of that time
 * was killed before it could say how far it had come. All other events are delivered exactly once.
 * @param event an event of matrix-js-sdk, or one of matrix-bot-sdk (the JSON of the specification)
 */
export function isRepeated(event: SdkEvent | { readonly unsigned?: object } | object): boolean {
  const unsigned =
    'getUnsigned' in event ? event.getUnsigned() : 'unsigned' in event ? event.unsigned : undefined;
  return (unsigned as Record<string, unknown> | undefined)?.[REPEATED] === true;
}

const UNCACHED_AT_MOST_MS = 500;

/**
 * How long a homeserver is asked to wait with the answer that is marked: for a time that no other process has asked for. Synapse
 * answers the same request of `/sync` from a cache of two minutes. What such an answer lacks a process that was killed meanwhile
 * may have handled, and it would come later, unmarked.
 */
export function uncachedTimeoutMs(): number {
  return randomInt(1, UNCACHED_AT_MOST_MS);
}

/** Marks everything in an answer that is handed to the bot. */
export function markRepeated({ rooms = {} }: SyncAnswer): void {
  const invited = Object.values(rooms.invite ?? {}).map((room) => (room as InvitedRoom).invite_state);
  const timelines = [rooms.join, rooms.leave].flatMap((group) =>
    Object.values((group ?? {}) as Record<string, { readonly timeline?: Events }>).map(
      ({ timeline }) => timeline,
    ),
  );
  for (const group of [...invited, ...timelines]) {
    for (const event of group?.events ?? []) {
      (event as { unsigned?: object }).unsigned = { ...event.unsigned, [REPEATED]: true };
    }
  }
}

interface Events {
  readonly events?: readonly RoomEvent[];
}

interface InvitedRoom {
  readonly invite_state?: Events;
}
