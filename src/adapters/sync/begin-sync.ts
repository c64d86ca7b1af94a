import type { PendingInvitations } from './invitations.ts';
import type { SyncAnswer } from './sync-answer.ts';

/** A sync that goes on from the position of an earlier process. */
export interface Resumed {
  readonly since: string;
  /** The position to go on from if the homeserver does not know `since` any more, and what was pending at that time. */
  readonly instead: {
    readonly position: string;
    readonly invitations: Readonly<Record<string, unknown>>;
    readonly toDevice: Pick<SyncAnswer, 'to_device'>;
  };
}

export interface Beginning {
  /** The rooms as they are to be loaded before anything is delivered, and the position to go on from. */
  readonly loaded: SyncAnswer;
  readonly resumed?: Resumed;
}

/** What is made of the initial sync: with `since`, the messages after that position are still to come. */
export function beginningOf(
  first: SyncAnswer,
  since: string | undefined,
  invitations: PendingInvitations,
): Beginning {
  if (since === undefined) {
    invitations.takeFrom(first);
    return { loaded: first };
  }
  const instead = {
    position: first.next_batch,
    invitations: first.rooms?.invite ?? {},
    toDevice: first.to_device === undefined ? {} : { to_device: first.to_device },
  };
  return { loaded: stateAt(first, since), resumed: { since, instead } };
}

/** The answer with the rooms as they are now, none of their messages, and an earlier position. */
function stateAt(answer: SyncAnswer, since: string): SyncAnswer {
  for (const room of Object.values(answer.rooms?.join ?? {})) {
    const events = room.timeline?.events ?? [];
    const state = events.filter((event) => event.state_key !== undefined);
    room.state = { events: [...(room.state?.events ?? []), ...state] };
    room.timeline = { ...room.timeline, events: [] };
  }
  if (answer.rooms !== undefined) answer.rooms.invite = {};
  return { ...answer, next_batch: since };
}
