import { randomUUID } from 'node:crypto';
import type { SyncTrouble } from '../../ports/index.ts';
import { askUntilAnswered } from './ask-until-answered.ts';
import type { SyncAnswer } from './sync-answer.ts';
import { SyncTroubleReport } from './sync-trouble.ts';

export interface FirstSyncOptions {
  readonly homeserverUrl: string;
  readonly fetch: typeof globalThis.fetch;
  /** The filter that the client will sync with. */
  readonly filter: Filter;
  /** How many events of each room's timeline. */
  readonly limit: number;
  readonly lazyLoadMembers: boolean;
  readonly signal: AbortSignal;
  readonly onTrouble: ((trouble: SyncTrouble) => void) | undefined;
}

interface Filter {
  readonly presence?: object | undefined;
  readonly room?: { readonly timeline?: object | undefined; readonly state?: object | undefined } | undefined;
}

/**
 * The initial sync, before there is a client: what is in it is the past, so the bot's listeners do not get it as news.
 * Asks until it has an answer, each time with the same request: a homeserver that needs longer than a proxy in front
 * of it lets it, goes on computing, and has the answer for whoever asks the same again.
 * @throws the signal's reason
 */
export async function firstSync({
  homeserverUrl,
  fetch,
  signal,
  onTrouble,
  ...options
}: FirstSyncOptions): Promise<SyncAnswer> {
  const query = new URLSearchParams({ timeout: '0', filter: JSON.stringify(uniqueFilter(options)) });
  const url = `${homeserverUrl}/_matrix/client/v3/sync?${query}`;
  const report = new SyncTroubleReport(true, onTrouble);
  report.begin();
  try {
    return await askUntilAnswered({ ask: () => fetch(url, { signal }), report, signal });
  } finally {
    report.close();
  }
}

/**
 * The filter of an initial sync that no other one has. Synapse answers the same initial sync from a cache of two
 * minutes, which would pass the recent past off as news. The filter is part of what "the same" means there: so it
 * excludes a user that does not exist, of a name of its own.
 */
function uniqueFilter({
  filter,
  limit,
  lazyLoadMembers,
}: Pick<FirstSyncOptions, 'filter' | 'limit' | 'lazyLoadMembers'>): Filter {
  const { room, presence } = filter;
  return {
    ...filter,
    room: {
      ...room,
      timeline: { ...room?.timeline, limit },
      ...(lazyLoadMembers ? { state: { ...room?.state, lazy_load_members: true } } : {}),
    },
    presence: { ...presence, not_senders: [`@${randomUUID()}:invalid`] },
  };
}
