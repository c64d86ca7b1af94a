import { Pool } from 'pg';
import { postgresSessions } from '../../src/adapters/sessions/postgres/index.ts';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import type { SessionStore } from '../../src/ports/index.ts';

/** Where a session is, so that every process finds it. */
export type Place = (
  | { readonly kind: 'SQLite'; readonly path: string }
  | { readonly kind: 'PostgreSQL'; readonly connectionString: string; readonly namespace: string }
) & {
  /** How long a process waits for the lock, in ms. Default: the store's. */
  readonly lockTimeoutMs?: number;
  /** The connections of the pool, where there is one. Default: the pool's. */
  readonly connections?: number;
};

export interface PlacedStore {
  readonly store: SessionStore;
  readonly close: () => Promise<void>;
}

/** Opens the store there. It looks often enough at what others do for tokens that live less than a second. */
export function storeAt(place: Place): PlacedStore {
  const { lockTimeoutMs, connections } = place;
  if (place.kind === 'SQLite') {
    const store = sqliteSessions(place.path, {
      watchMs: 50,
      ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs, claimLeaseMs: Math.max(1_000, lockTimeoutMs) }),
    });
    return { store, close: () => store.close() };
  }
  const pool = new Pool({
    connectionString: place.connectionString,
    allowExitOnIdle: true,
    ...(connections === undefined ? {} : { max: connections }),
  });
  const store = postgresSessions(pool, {
    namespace: place.namespace,
    // A holder that is silent for longer than that has lost the session.
    ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs, claimLeaseMs: lockTimeoutMs }),
  });
  return {
    store,
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
}

/** Does something with the store there, and closes it. */
export async function withStoreAt<T>(place: Place, work: (store: SessionStore) => Promise<T>): Promise<T> {
  const { store, close } = storeAt(place);
  try {
    return await work(store);
  } finally {
    await close();
  }
}
