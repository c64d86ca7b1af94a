import type { Pool, PoolClient, QueryConfig, QueryResultRow } from 'pg';
import { SessionStoreError } from '../../../ports/index.ts';
import { explained } from './errors.ts';

/** One connection of the pool, for as long as it is borrowed. */
export interface Borrowed {
  readonly client: PoolClient;
  /** @throws {SessionStoreError} the server refuses, the connection is lost, or the answer takes too long */
  readonly query: (text: string, values?: readonly unknown[]) => Promise<QueryResultRow[]>;
}

/**
 * Runs `work` on a connection of the pool. Neither the wait for it nor any query takes longer than `limitMs`, however
 * the pool is set up. A connection on which anything failed is not used again. `signal` ends the wait for a connection.
 * @throws {SessionStoreError} and whatever `work` throws
 */
export async function borrowing<T>(
  pool: Pool,
  limitMs: number,
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
          throw explained(lost ?? error);
        }
      },
    });
    broken = lost !== undefined;
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
