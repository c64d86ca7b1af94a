import type { LoginsRecord, SessionRecord, SessionStore } from '../../ports/index.ts';
import { loginsIn } from './login-budget.ts';

/**
 * The session record, after what older versions kept in it was moved into records of their own. It is taken out of the
 * session record. So what is found there was written after the last start of this version, if there was one, by an older
 * version that was put back: its position is the newer one.
 */
export async function migrateRecord(store: SessionStore, name: string): Promise<SessionRecord | undefined> {
  const old = await store.read(name, 'session');
  if (old === undefined) return undefined;
  const { position, loginBudgetFullAt, loginNotBefore } = old;
  if (position === undefined && loginBudgetFullAt === undefined && loginNotBefore === undefined) return old;
  if (position !== undefined) {
    // The homeserver's answer was of some time before this; whatever comes now is newer.
    await store.update(name, 'position', (record) => ({
      record: { ...record, position, at: 0 },
      result: undefined,
    }));
  }
  await store.update(name, 'logins', (record) => ({
    record: { ...record, ...latest(record ?? {}, loginsIn(undefined, old)) },
    result: undefined,
  }));
  await forgetOldLeader(store, `${name}#leader`);
  return store.update(name, 'session', (record) => {
    if (record === undefined) return { result: undefined };
    const { position: _, loginBudgetFullAt: __, loginNotBefore: ___, ...rest } = record;
    return { record: rest, result: rest };
  });
}

function latest(one: LoginsRecord, other: LoginsRecord): LoginsRecord {
  const budgetFullAt = Math.max(one.budgetFullAt ?? 0, other.budgetFullAt ?? 0);
  const notBefore = Math.max(one.notBefore ?? 0, other.notBefore ?? 0);
  return { ...(budgetFullAt > 0 && { budgetFullAt }), ...(notBefore > 0 && { notBefore }) };
}

/** Older versions kept the leader where sessions are, under a name of its own. */
async function forgetOldLeader(store: SessionStore, name: string): Promise<void> {
  const found = await store.read(name, 'session');
  if (found?.leader !== undefined && found.session === undefined) await store.delete(name);
}
