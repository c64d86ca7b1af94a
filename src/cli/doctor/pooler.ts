import type { Client as PgClient } from 'pg';
import type { StoreAddress } from '../source/source.ts';
import { loadPool } from '../source/store.ts';
import type { Finding } from './finding.ts';

const PATIENCE_MS = 5_000;

/**
 * Whether a pooler stands before PostgreSQL that gives each transaction another connection. Two connections that take
 * turns show it: a pooler hands out the one that was given back last, or first, and so not the one that it was.
 */
export async function poolerFindings({ kind, place }: StoreAddress): Promise<Finding[]> {
  if (kind !== 'postgres') return [];
  const Pool = await loadPool();
  const pool = new Pool({ connectionString: place, max: 2, connectionTimeoutMillis: PATIENCE_MS });
  // The store itself has just been read; what it could not tell is not told here either.
  pool.on('error', () => undefined);
  try {
    const [one, two] = [await pool.connect(), await pool.connect()];
    try {
      return (await changesBackend(one, two)) ? [found] : [];
    } finally {
      one.release(true);
      two.release(true);
    }
  } catch {
    return [];
  } finally {
    await pool.end();
  }
}

type Connection = Pick<PgClient, 'query'>;

async function changesBackend(one: Connection, two: Connection): Promise<boolean> {
  const [first, second] = [await begin(one), await begin(two)];
  await commit(one);
  await commit(two);
  const afterLast = await begin(one);
  const afterFirst = await begin(two);
  await commit(two);
  await commit(one);
  const again = await begin(two);
  await commit(two);
  return afterLast !== first || afterFirst !== second || again !== second;
}

async function begin(connection: Connection): Promise<unknown> {
  await connection.query('BEGIN');
  const { rows } = await connection.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid;
}

async function commit(connection: Connection): Promise<void> {
  await connection.query('COMMIT');
}

const found: Finding = {
  level: 'note',
  code: 'store-pooler',
  says: 'The database is reached through a pooler that gives each transaction another connection, such as PgBouncer with transaction pooling. Sessions are safe with it; that another process has renewed one is noticed at the next look (option "pollMs") instead of at once. Give the store a direct connection if that matters.',
};
