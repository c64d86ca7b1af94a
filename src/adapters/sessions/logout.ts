import type { LogoutRecord, SessionStore } from '../../ports/index.ts';

/** How long a logout waits for a renewal by another process, in ms: nobody is to see what is half deleted. */
const WAIT_MS = 2_000;

/**
 * Deletes what is stored of a session that was logged out, and leaves a mark, by which other processes that use the
 * session learn of it, instead of signing in again.
 * @param generation the one in use
 */
export async function forgetSession(store: SessionStore, name: string, generation: number): Promise<void> {
  const claim = await store.claim(name, { waitAtMostMs: WAIT_MS }).catch(() => undefined);
  try {
    // What cannot be read is deleted, too.
    const stored = await store.read(name, 'session').catch(() => undefined);
    const mark = await store.read(name, 'logout').catch(() => undefined);
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

/** The generation up to which sessions of this name were logged out; 0 if none was. */
export async function loggedOutUpTo(store: SessionStore, name: string): Promise<number> {
  return (await store.read(name, 'logout'))?.generation ?? 0;
}
