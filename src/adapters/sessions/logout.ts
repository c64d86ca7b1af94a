import { setTimeout as delay } from 'node:timers/promises';
import type { LogoutRecord, SessionStore, StoredSession } from '../../ports/index.ts';
import { type Exchange, exchangeSession, type KeeperResult } from './session-renewal.ts';
import { savedRecord } from './unsaved-session.ts';

/** How long a logout waits for a renewal by another process, in ms: nobody is to see what is half deleted. */
const WAIT_MS = 2_000;
/** The same where the homeserver is to be told, with a token that such a renewal may be about to replace. */
const WAIT_TO_END_MS = 15_000;

/** Renews the session that is to be ended, as it is always done: claimed, and written before it is used. */
export type RenewToEnd = (
  exchange: Exchange,
) => Promise<Extract<KeeperResult, { kind: 'renewed' | 'refused' | 'trouble' }>>;

/** Ends a session at the homeserver. */
export type EndSession = (session: StoredSession, renew: RenewToEnd) => Promise<void>;

/**
 * Deletes what is stored of a session that was logged out, and leaves a mark, by which other processes that use the
 * session learn of it, instead of signing in again.
 * @param inUse the session that this process has used
 * @param end what comes before it, while no other process renews the session
 */
export async function forgetSession(
  store: SessionStore,
  name: string,
  inUse: StoredSession | undefined,
  end?: EndSession,
): Promise<void> {
  const waitAtMostMs = end === undefined ? WAIT_MS : WAIT_TO_END_MS;
  const claim = await store.claim(name, { waitAtMostMs }).catch(() => undefined);
  try {
    if (end !== undefined) await endNewest(store, name, inUse, end, claim !== undefined);
    // What cannot be read is deleted, too.
    const stored = await store.read(name, 'session').catch(() => undefined);
    const mark = await store.read(name, 'logout').catch(() => undefined);
    const { generation = 0 } = inUse ?? {};
    // Another process has done it, and somebody may have signed in anew since.
    if (generation > 0 && mark !== undefined && generation <= mark.generation) return;
    const ended = Math.max(generation, stored?.session?.generation ?? 0, mark?.generation ?? 0);
    await store.delete(name);
    if (ended === 0) return;
    const record: LogoutRecord = { ...mark, generation: ended };
    await store.update(name, 'logout', () => ({ record, result: undefined }));
  } finally {
    await claim?.release();
  }
}

/** Another process may have renewed the session until it could be claimed. */
async function endNewest(
  store: SessionStore,
  name: string,
  inUse: StoredSession | undefined,
  end: EndSession,
  isClaimed: boolean,
): Promise<void> {
  const stored = (await store.read(name, 'session').catch(() => undefined))?.session;
  const session = (stored?.generation ?? 0) > (inUse?.generation ?? 0) ? stored : inUse;
  if (session === undefined) return;
  await end(session, async (exchange) => {
    if (!isClaimed)
      return { kind: 'trouble', why: 'it has to be renewed for that, and could not be claimed' };
    const result = await exchangeSession(session, exchange, new AbortController().signal);
    if (result.kind === 'renewed') {
      const pair = { replaces: session.generation, session: result.session };
      // Where the store is away, the pair serves for the one request that it is for.
      await store.update(name, 'session', (found) => savedRecord(found, pair, false)).catch(() => undefined);
    }
    return result;
  });
}

/** What is stored is deleted a moment before the mark is there: what is gone without one is looked at again after so long, in ms. */
const LOOKS_MS = [0, 50, 250, 1_000, 4_000];

/** Whether another process has logged this session out. */
export async function isLoggedOut(store: SessionStore, name: string, generation: number): Promise<boolean> {
  if (generation === 0) return false;
  for (const ms of LOOKS_MS) {
    await delay(ms, undefined, { ref: false });
    if ((await store.read(name, 'session'))?.session !== undefined) return false;
    if (generation <= (await loggedOutUpTo(store, name))) return true;
  }
  return false;
}

/** The generation up to which sessions of this name were logged out; 0 if none was. */
export async function loggedOutUpTo(store: SessionStore, name: string): Promise<number> {
  return (await store.read(name, 'logout'))?.generation ?? 0;
}
