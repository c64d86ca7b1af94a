import { Pool } from 'pg';
import { postgresSessions } from '../../../src/adapters/sessions/postgres/index.ts';
import type { RowOptions } from '../../../src/adapters/sessions/shared/row.ts';
import { sqliteSessions } from '../../../src/adapters/sessions/sqlite/index.ts';
import type { SessionStore } from '../../../src/ports/index.ts';

/** Where sessions are, so that another process can find them. */
export type Place =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly connectionString: string; readonly namespace: string };

/** Data of a test's own. */
export interface OwnPlace {
  readonly place: Place;
  readonly remove: () => Promise<void>;
}

export interface PlacedStore {
  readonly store: SessionStore;
  readonly close: () => Promise<void>;
}

/** Opens the store there, with timers that suit tests. */
export function storeAt(
  place: Place,
  options: Pick<RowOptions, 'keys' | 'requireEncryption'> & { readonly claimLeaseMs?: number } = {},
): PlacedStore {
  if (place.kind === 'sqlite') {
    const store = sqliteSessions(place.path, { ...options, watchMs: 20 });
    return { store, close: () => store.close() };
  }
  const pool = new Pool({ connectionString: place.connectionString, allowExitOnIdle: true });
  const store = postgresSessions(pool, { ...options, namespace: place.namespace });
  return {
    store,
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
}
