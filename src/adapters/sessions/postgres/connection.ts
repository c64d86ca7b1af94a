import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { SessionStoreError } from '../../../ports/index.ts';
import { explained, explainedWrite } from './errors.ts';

/** COMMIT waits for the disk, also where the role's default is that it does not. */
const ON_DISK = `SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'`;

/** The place of the statement proper among those of a write. */
const STATEMENT = 3;

/** One connection of the pool, for as long as it is borrowed. */
export interface Borrowed {
  readonly client: PoolClient;
  /** @throws {SessionStoreError} the server refuses, the connection is lost, or the answer takes too long */
  readonly query: (text: string, values?: readonly unknown[]) => Promise<QueryResultRow[]>;
  /**
   * Runs one statement in a transaction of its own, and resolves with its rows when they are on disk. All of it is sent at
   * once, so that nothing is locked while this process does something else, and a transaction pooler keeps it together.
   * `durable: false`: before they are on disk, for what may be forgotten if the database crashes. Default true.
   * @throws {SessionStoreError}
   */
  readonly write: (statement: string, options?: { readonly durable?: boolean }) => Promise<QueryResultRow[]>;
}

export interface Limits {
  /** How long the server waits for a lock. */
  readonly lockTimeoutMs: number;
  /** No query takes longer. */
  readonly limitMs: number;
}

/**
 * Runs `work` on a connection of the pool. Neither the wait for it nor any query takes longer than `limitMs`, however
 * the pool is set up. A connection on which anything failed is not used again. `signal` ends the wait for a connection.
 * @throws {SessionStoreError} and whatever `work` throws
 */
export async function borrowing<T>(
  pool: Pool,
  { limitMs, lockTimeoutMs }: Limits,
  work: (borrowed: Borrowed) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const client = await connect(pool, limitMs, signal);
  let lost: Error | undefined;
  // Without a listener, a connection that breaks between two queries would end the process.
  const onError = (error: Error) => {
    lost ??= error;
  };
  client.on('error', onError);
  let failed = false;
  let broken = true;
  try {
    const result = await work({
      client,
      query: async (text, values = []) => {
        const config: QueryConfig<unknown[]> & { readonly query_timeout: number } = {
          text,
          values: [...values],
          query_timeout: limitMs,
        };
        try {
          return (await client.query<QueryResultRow>(config)).rows;
        } catch (error) {
          failed = true;
          throw explained(lost ?? error);
        }
      },
      write: async (statement, { durable = true } = {}) => {
        const config = {
          // Whatever the defaults of the role are: locks are waited for, and COMMIT means that it is on disk.
          text: `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = ${lockTimeoutMs};
            ${durable ? ON_DISK : `SELECT set_config('synchronous_commit', 'off', true)`};
            ${statement}; COMMIT`,
          query_timeout: limitMs,
        };
        try {
          // One result for each statement.
          const results: unknown = await client.query<QueryResultRow>(config);
          return (results as QueryResult<QueryResultRow>[])[STATEMENT]?.rows ?? [];
        } catch (error) {
          failed = true;
          throw explainedWrite(lost ?? error);
        }
      },
    });
    broken = failed || lost !== undefined;
    return result;
  } finally {
    client.off('error', onError);
    // From here on the pool hears its errors.
    client.release(broken);
  }
}

async function connect(pool: Pool, limitMs: number, signal?: AbortSignal): Promise<PoolClient> {
  const connecting = pool.connect();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const giveUp = () => {
    connecting.then((client) => client.release()).catch(() => {});
    reject(
      new SessionStoreError(
        `The PostgreSQL pool gave no connection within ${limitMs} ms: the server does not answer, or all ` +
          `${pool.options.max} connections are in use. Nothing was changed: try again, or raise the pool's \`max\`.`,
        { permanent: false },
      ),
    );
  };
  const timer = setTimeout(giveUp, limitMs);
  signal?.addEventListener('abort', giveUp);
  try {
    return await Promise.race([connecting, late]);
  } catch (error) {
    throw explained(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
