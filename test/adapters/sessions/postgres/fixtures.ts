import { randomUUID } from 'node:crypto';
import { Client, Pool, type PoolConfig } from 'pg';
import { onTestFinished } from 'vitest';
import {
  postgresSessions,
  type PostgresSessionsOptions,
} from '../../../../src/adapters/sessions/postgres/index.ts';
import type { SessionStore } from '../../../../src/ports/index.ts';
import type { Place } from '../place.ts';

/** What the tests of the PostgreSQL store open, and what is closed when the test has finished. */
export function postgresFixtures(connectionString: string) {
  /** A pool that is ended when the test has finished. */
  function ownPool(config: PoolConfig = {}): Pool {
    const pool = new Pool({ connectionString, ...config });
    onTestFinished(() => pool.end());
    return pool;
  }

  /** A store in a namespace of its own, unless one is given. */
  function openStore(options: PostgresSessionsOptions = {}, pool = ownPool()): SessionStore {
    const store = postgresSessions(pool, { namespace: randomUUID(), ...options });
    onTestFinished(() => store.close());
    return store;
  }

  async function ownClient(): Promise<Client> {
    const client = new Client({ connectionString });
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  }

  /** Ends the connections of this name and last query, as an administrator does; returns how many there were. */
  async function terminate(admin: Client, applicationName: string, lastQuery = ''): Promise<number> {
    const { rowCount } = await admin.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND starts_with(query, $2)',
      [applicationName, lastQuery],
    );
    return rowCount ?? 0;
  }

  function ownPlace(): Place {
    return { kind: 'postgres', connectionString, namespace: randomUUID() };
  }

  return { ownPool, openStore, ownClient, ownPlace, terminate };
}
