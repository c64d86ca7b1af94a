import type { SessionRecord, SessionStore } from '../../ports/index.ts';
import { loginsIn } from './login-budget.ts';

/**
 * The session record, after what older versions kept in it was moved into records of their own. It is taken out of the
 * session record, so that an older version that is put back finds no position of long ago.
 */
export async function migrateRecord(store: SessionStore, name: string): Promise<SessionRecord | undefined> {
  const old = await store.read(name, 'session');
  if (old === undefined) return undefined;
  const { position, loginBudgetFullAt, loginNotBefore } = old;
  if (position === undefined && loginBudgetFullAt === undefined && loginNotBefore === undefined) return old;
  if (position !== undefined) {
    await store.update(name, 'position', (record) =>
      record === undefined ? { record: { position, at: 0 }, result: undefined } : { result: undefined },
    );
  }
  await store.update(name, 'logins', (record) =>
    record === undefined ? { record: loginsIn(record, old), result: undefined } : { result: undefined },
  );
  return store.update(name, 'session', (record) => {
    if (record === undefined) return { result: undefined };
    const { position: _, loginBudgetFullAt: __, loginNotBefore: ___, ...rest } = record;
    return { record: rest, result: rest };
  });
}
