import type { Pool } from 'pg';
import { SessionStoreError } from '../../../ports/index.ts';
import { type Borrowed, borrowing } from './client.ts';

export interface TransactionOptions {
  readonly pool: Pool;
  /** How long the server waits for a lock. */
  readonly lockTimeoutMs: number;
  /** How long the server waits for the next query. */
  readonly idleTimeoutMs: number;
  /** No query takes longer. */
  readonly limitMs: number;
}

/**
 * Runs `work` in a transaction, and commits it if `work` says so. Otherwise, or if `work` throws, or if the connection
 * is lost, the server undoes everything and frees its locks.
 * @throws {SessionStoreError} and whatever `work` throws
 */
export function transaction<T>(
  { pool, limitMs, lockTimeoutMs, idleTimeoutMs }: TransactionOptions,
  work: (borrowed: Borrowed) => Promise<{ readonly commit: boolean; readonly result: T }>,
): Promise<T> {
  return borrowing(pool, limitMs, async (borrowed) => {
    // Whatever the defaults of the database are: locks are waited for, and COMMIT means that it is on disk.
    await borrowed.query(
      `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
       SET LOCAL lock_timeout = ${lockTimeoutMs};
       SET LOCAL idle_in_transaction_session_timeout = ${idleTimeoutMs};
       SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'`,
    );
    const { commit, result } = await work(borrowed);
    if (commit) await committed(borrowed);
    // Fails if the lock was lost: then the result may be of no worth, for another holder was at work.
    else await borrowed.query('ROLLBACK');
    return result;
  });
}

async function committed({ query }: Borrowed): Promise<void> {
  try {
    await query('COMMIT');
  } catch {
    throw new SessionStoreError(
      'The connection to PostgreSQL broke while a session was being committed. Whether it was written is unknown: read it again.',
      { permanent: false },
    );
  }
}
