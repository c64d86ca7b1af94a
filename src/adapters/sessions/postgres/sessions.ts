import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { type RecordKind, type SessionStore, SessionStoreError } from '../../../ports/index.ts';
import { KeyedQueue } from '../shared/keyed-queue.ts';
import { checkMs, checkName, KIND_SEPARATOR, rowCodec, type RowOptions } from '../shared/row.ts';
import { Claims } from './claim.ts';
import { type Borrowed, borrowing } from './connection.ts';
import { deleteRows, type Key, namesIn, payloadOf, putRow, rowOf } from './table.ts';
import { Listener } from './watch.ts';

export interface PostgresSessionsOptions extends RowOptions {
  /** How long a write waits for another write of the same record, in ms. Default 15,000. */
  readonly lockTimeoutMs?: number;
  /**
   * How long a process that exchanges the refresh token may give no sign of life, in ms: then another takes its place. One
   * that dies is replaced at once; behind a transaction pooler or with `max: 1`, after this time
   * too. Default 15,000.
   */
  readonly claimLeaseMs?: number;
  /** How often those who watch are called without a notification, in ms. Default 60,000. */
  readonly pollMs?: number;
}

/** How much longer than its lock a query may take, in ms. */
const GRACE_MS = 5_000;

/** The longest pause after another was first, in ms. */
const CONFLICT_MS = 20;

/**
 * Keeps sessions in a PostgreSQL database: for one bot that runs on several machines, or for many bots. The table has
 * to be there: see `migratePostgresSessions`. The pool stays yours: end it after the store is closed.
 * @throws {SessionStoreError} an option is wrong, or a key cannot be had
 */
export function postgresSessions(pool: Pool, options: PostgresSessionsOptions = {}): SessionStore {
  const codec = rowCodec(options, 'PostgreSQL');
  const { namespace } = codec;
  const lockTimeoutMs = checkMs('lockTimeoutMs', options.lockTimeoutMs ?? 15_000);
  const leaseMs = checkMs('claimLeaseMs', options.claimLeaseMs ?? 15_000);
  const pollMs = checkMs('pollMs', options.pollMs ?? 60_000);
  const limits = { lockTimeoutMs, limitMs: lockTimeoutMs + GRACE_MS };
  /** Those who write one record in this process wait for each other. */
  const queue = new KeyedQueue();
  const listener = new Listener({ pool, pollMs, ...limits });
  const borrow = <T>(work: (borrowed: Borrowed) => Promise<T>): Promise<T> => borrowing(pool, limits, work);
  const claims = new Claims({ leaseMs, listener, borrow });
  const running = new Set<Promise<unknown>>();
  let closed = false;

  // An idle connection that breaks would end the process otherwise; the pool replaces it by itself.
  const onError = () => {};
  pool.on('error', onError);
  // So would one that the server ends with the very packet that opens it, before whoever borrows it can listen.
  const onConnect = (client: PoolClient) => client.on('error', onError);
  pool.on('connect', onConnect);

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

  function keyOf(name: string, kind: RecordKind | 'claim' = 'session'): Key {
    checkName('session name', name);
    return { namespace: codec.namespaceOf(kind), name };
  }

  return {
    read: async (name, kind) => {
      const key = keyOf(name, kind);
      const row = await tracked(() => borrow((borrowed) => rowOf(borrowed, key)));
      return row && codec.toRecord(name, kind, row);
    },

    update: async (name, kind, change) => {
      const key = keyOf(name, kind);
      const deadline = performance.now() + lockTimeoutMs;
      return tracked(async () => {
        const end = await queue.take(payloadOf(key), lockTimeoutMs);
        if (end === undefined) throw changedTooOften(name, lockTimeoutMs);
        try {
          while (performance.now() < deadline) {
            const done = await borrow(async (borrowed) => {
              const row = await rowOf(borrowed, key);
              const { record, result } = change(row && codec.toRecord(name, kind, row));
              if (record === undefined) return { result };
              const version = (row?.version ?? 0) + 1;
              const next = { version, body: codec.toBody(name, kind, version, record) };
              return (await putRow(borrowed, key, row, next, kind === 'session')) ? { result } : undefined;
            });
            if (done !== undefined) return done.result;
            // Another was first.
            await delay(Math.random() * CONFLICT_MS);
          }
          throw changedTooOften(name, lockTimeoutMs);
        } finally {
          end();
        }
      });
    },

    claim: (name, claimOptions) => tracked(async () => claims.take(keyOf(name, 'claim'), claimOptions)),

    list: () => tracked(() => borrow((borrowed) => namesIn(borrowed, namespace))),

    delete: async (name) => {
      const key = keyOf(name);
      await tracked(() =>
        borrow((borrowed) =>
          deleteRows(borrowed, key, namespace + KIND_SEPARATOR, codec.namespaceOf('claim')),
        ),
      );
    },

    watch: (name, onChange) => listener.add(payloadOf(keyOf(name)), onChange),

    close: async () => {
      closed = true;
      await listener.close();
      await Promise.allSettled(running);
      pool.off('error', onError);
      pool.off('connect', onConnect);
    },
  };
}

function changedTooOften(name: string, ms: number): SessionStoreError {
  return new SessionStoreError(
    `The session ${JSON.stringify(name)} was changed by others again and again for ${ms} ms. Nothing was changed here: try again.`,
    { permanent: false },
  );
}
