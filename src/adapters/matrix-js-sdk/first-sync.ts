import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IStartClientOpts, ISyncResponse } from 'matrix-js-sdk';

/**
 * The initial sync, before there is a client: what is in it is the past, so the bot's listeners do not get it as news.
 * Asks until it has an answer.
 * @throws the signal's reason
 */
export async function firstSync(
  homeserverUrl: string,
  fetch: typeof globalThis.fetch,
  { filter, initialSyncLimit = 8, lazyLoadMembers = false }: IStartClientOpts,
  signal: AbortSignal,
): Promise<ISyncResponse> {
  const definition = structuredClone(filter?.getDefinition() ?? {});
  const room = { ...definition.room };
  room.timeline = { ...room.timeline, limit: initialSyncLimit };
  if (lazyLoadMembers) room.state = { ...room.state, lazy_load_members: true };
  for (let waitMs = 500; ; waitMs = Math.min(waitMs * 2, 30_000)) {
    // Synapse answers the same initial sync from a cache of two minutes, which would pass the recent past off as news.
    // The filter is part of what "the same" means there, the SDK's `_cacheBuster` is not: so it names nobody, uniquely.
    const presence = { ...definition.presence, not_senders: [`@${randomUUID()}:invalid`] };
    const query = new URLSearchParams({
      timeout: '0',
      filter: JSON.stringify({ ...definition, room, presence }),
    });
    try {
      const response = await fetch(`${homeserverUrl}/_matrix/client/v3/sync?${query}`, { signal });
      if (response.ok) return (await response.json()) as ISyncResponse;
      await response.body?.cancel();
    } catch {
      signal.throwIfAborted();
    }
    await sleep(waitMs, undefined, { signal });
  }
}

/**
 * A response that has the rooms as they are now, none of their messages, and an earlier position: the messages since
 * then are still to come.
 */
export function stateAt(response: ISyncResponse, since: string): ISyncResponse {
  for (const room of Object.values(response.rooms?.join ?? {})) {
    const { events } = room.timeline;
    const state = events.filter((event): event is StateEvent => 'state_key' in event);
    room.state = { events: [...(room.state?.events ?? []), ...state] };
    room.timeline = { ...room.timeline, events: [] };
  }
  if (response.rooms !== undefined) response.rooms.invite = {};
  return { ...response, next_batch: since };
}

type StateEvent = NonNullable<ISyncResponse['rooms']['join'][string]['state']>['events'][number];
