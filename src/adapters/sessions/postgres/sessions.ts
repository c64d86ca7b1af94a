import type { Pool } from 'pg';
import { type SessionStore, SessionStoreError } from '../../../ports/index.ts';
import { checkMs, checkName, type Row, rowCodec, type RowOptions } from '../shared/row.ts';
import { Turns } from '../shared/turns.ts';
import { type Borrowed, borrowing } from './client.ts';
import { Listener } from './listener.ts';
import { deleteRow, type Key, lockRow, namesIn, payloadOf, putRow, rowOf } from './table.ts';
import { transaction } from './transaction.ts';

export interface PostgresSessionsOptions extends RowOptions {
  /** How long a transaction waits for the one that holds the session, in ms. Default 15,000. */
  readonly lockTimeoutMs?: number;
  /**
   * How long a holder may be silent, in ms: then the server takes the session from it. Longer than an exchange with the
   * homeserver takes. Default 30,000.
   */
  readonly idleTimeoutMs?: number;
  /** How often those who watch are called without a notification, in ms. Default 60,000. */
  readonly pollMs?: number;
}

/** How much longer than its lock a query may take, in ms. */
const GRACE_MS = 5_000;

/** One listens, one holds a session, one reads. */
const CONNECTIONS = 3;

/**
 * Keeps sessions in a PostgreSQL database: for one bot that runs on several machines, or for many bots. The table has
 * to be there: see `migratePostgresSessions`. The pool stays yours: end it after the store is closed.
 * @throws {SessionStoreError} an option is wrong, a key cannot be had, or the pool has fewer than 3 connections
 */
export function postgresSessions(pool: Pool, options: PostgresSessionsOptions = {}): SessionStore {
  const codec = rowCodec(options, 'PostgreSQL');
  const { namespace } = codec;
  const lockTimeoutMs = checkMs('lockTimeoutMs', options.lockTimeoutMs ?? 15_000);
  const idleTimeoutMs = checkMs('idleTimeoutMs', options.idleTimeoutMs ?? 30_000);
  const pollMs = checkMs('pollMs', options.pollMs ?? 60_000);
  if (pool.options.max < CONNECTIONS) {
    throw new SessionStoreError(
      `postgresSessions needs a pool of ${CONNECTIONS} connections or more, and this one has \`max: ${pool.options.max}\`.`,
      { permanent: true },
    );
  }
  const limitMs = lockTimeoutMs + GRACE_MS;
  /** Those who wait in this process wait for each other, so that they do not use up the pool. */
  const turns = new Turns();
  const listener = new Listener({ pool, pollMs, limitMs });
  const running = new Set<Promise<unknown>>();
  let closed = false;

  // An idle connection that breaks would end the process otherwise; the pool replaces it by itself.
  const onError = () => {};
  pool.on('error', onError);

  async function tracked<T>(start: () => Promise<T>): Promise<T> {
    if (closed) throw new SessionStoreError('The PostgreSQL store is closed.', { permanent: true });
    const run = start();
    running.add(run);
    try {
      return await run;
    } finally {
      running.delete(run);
    }
  }

  function keyOf(name: string): Key {
    checkName('session name', name);
    return { namespace, name };
  }

  const reading = <T>(read: (borrowed: Borrowed) => Promise<T>): Promise<T> =>
    tracked(() => borrowing(pool, limitMs, read));

  /** A transaction that holds the row. */
  const changing = <T>(
    key: Key,
    work: (borrowed: Borrowed, row: Row) => Promise<{ readonly commit: boolean; readonly result: T }>,
  ): Promise<T> =>
    tracked(async () => {
      const deadline = performance.now() + lockTimeoutMs;
      const end = await turns.take(key.name, lockTimeoutMs);
      if (end === undefined) throw heldTooLong(key.name, lockTimeoutMs);
      try {
        const lockTimeout = Math.max(1, Math.ceil(deadline - performance.now()));
        return await transaction(
          { pool, limitMs, idleTimeoutMs, lockTimeoutMs: lockTimeout },
          async (borrowed) => work(borrowed, await lockRow(borrowed, key)),
        );
      } finally {
        end();
      }
    });

  return {
    read: async (name) => {
      const key = keyOf(name);
      const row = await reading((borrowed) => rowOf(borrowed, key));
      return row && codec.toRecord(name, row);
    },

    transact: async (name, work) => {
      const key = keyOf(name);
      return changing(key, async (borrowed, row) => {
        const before = row.version === 0 ? undefined : codec.toRecord(name, row);
        const { record, result } = await work(before);
        if (record === undefined) return { commit: false, result };
        const version = row.version + 1;
        await putRow(borrowed, key, { version, body: codec.toBody(name, version, record) });
        return { commit: true, result };
      });
    },

    list: () => reading((borrowed) => namesIn(borrowed, namespace)),

    delete: async (name) => {
      const key = keyOf(name);
      await changing(key, async (borrowed, row) => {
        await deleteRow(borrowed, key);
        return { commit: row.version > 0, result: undefined };
      });
    },

    watch: (name, onChange) => listener.add(payloadOf(keyOf(name)), onChange),

    close: async () => {
      closed = true;
      await listener.close();
      await Promise.allSettled(running);
      pool.off('error', onError);
    },
  };
}

function heldTooLong(name: string, ms: number): SessionStoreError {
  return new SessionStoreError(
    `The session ${JSON.stringify(name)} has been held by this process for more than ${ms} ms. Nothing was changed: try again.`,
    { permanent: false },
  );
}
