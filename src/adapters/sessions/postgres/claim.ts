import { randomUUID } from 'node:crypto';
import type { QueryResultRow } from 'pg';
import { type Claim, type ClaimOptions, SessionStoreError } from '../../../ports/index.ts';
import { Elapsed } from '../shared/elapsed.ts';
import { KeyedQueue } from '../shared/keyed-queue.ts';
import type { Borrowed } from './connection.ts';
import { CHANNEL, type Key, payloadOf } from './table.ts';
import type { Listener } from './watch.ts';

export interface ClaimsOptions {
  readonly leaseMs: number;
  readonly listener: Listener;
  /** Borrows a connection for a moment. */
  readonly borrow: <T>(work: (borrowed: Borrowed) => Promise<T>) => Promise<T>;
}

/** How often a claim that another has is looked at, in ms. */
const POLL_MS = 200;

/** How long a holder whose connection is gone has to name another one, in ms. */
const GRACE_MS = 500;

/** After how long a beat that failed is tried again, in ms: the connection of the pool may have been a dead one. */
const AGAIN_MS = 50;

/**
 * A claim need not survive a crash of the database: it saves refreshes and settles nothing, and whoever held it holds it
 * no more after that. So nobody waits for the disk twice in each renewal.
 */
const lightly = { durable: false } as const;

/** As it was seen in the table. */
interface Seen {
  readonly version: string;
  readonly body: string;
  /** Its lease is over, by the clock of the database. */
  readonly over: boolean;
  /** The connection of its holder is gone. */
  readonly gone: boolean;
}

/**
 * Claims are rows: who holds one, until when, and which connection ends with its holder. Each step is one short statement,
 * so that no connection is kept while a claim is held, and it works behind a transaction pooler as well.
 */
export class Claims {
  readonly #options: ClaimsOptions;
  /** Those who wait in this process wait for each other, so that they do not use up the pool. */
  readonly #queue = new KeyedQueue();

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  /** @throws {SessionStoreError} not within `waitAtMostMs` */
  async take(key: Key, { waitAtMostMs, signal }: ClaimOptions): Promise<Claim> {
    const deadline = performance.now() + waitAtMostMs;
    const end = await this.#queue.take(key.name, waitAtMostMs, signal);
    if (end === undefined) throw heldTooLong(key.name, waitAtMostMs);
    let changed = Promise.withResolvers<void>();
    let beat = () => changed.resolve();
    // What wakes those who wait is what tells the holder that its connection is another.
    const unlisten = this.#options.listener.add(payloadOf(key), () => beat());
    try {
      let gone: { readonly seen: Seen; readonly since: Elapsed } | undefined;
      for (let isFirst = true; ; isFirst = false) {
        signal?.throwIfAborted();
        changed = Promise.withResolvers();
        // Most often nobody has it, so it is not looked at before the first try.
        const seen = isFirst ? undefined : await this.#look(key);
        if (seen?.gone !== true) gone = undefined;
        else if (gone?.seen.version !== seen.version || gone.seen.body !== seen.body) {
          gone = { seen, since: new Elapsed() };
        }
        // Its holder may be about to name another connection.
        const abandoned = gone !== undefined && gone.since.monotonicMs > GRACE_MS;
        if (seen === undefined || seen.over || abandoned) {
          const hold = new Hold(this.#options, key, () => {
            unlisten();
            end();
          });
          if (await hold.begin(seen)) {
            beat = () => hold.beat();
            return hold;
          }
        } else if (performance.now() >= deadline) throw heldTooLong(key.name, waitAtMostMs);
        if (isFirst) continue;
        await woken(changed.promise, POLL_MS * (0.75 + Math.random() / 2), signal);
      }
    } catch (error) {
      unlisten();
      end();
      throw error;
    }
  }

  async #look({ namespace, name }: Key): Promise<Seen | undefined> {
    const [row] = await this.#options.borrow(({ query }) =>
      query(
        `SELECT version::text AS version, body,
           updated_at + (body::jsonb->>'leaseMs')::float8 * interval '1 millisecond' < clock_timestamp() AS over,
           body::jsonb->>'pid' IS NOT NULL AND NOT EXISTS (
             SELECT FROM pg_stat_activity AS backend WHERE backend.pid = (body::jsonb->>'pid')::int
               AND (backend.backend_start IS NULL OR (extract(epoch FROM backend.backend_start) * 1000000)::bigint
                 = (body::jsonb->>'startedUs')::bigint)
           ) AS gone
         FROM matrix_auth_sessions WHERE namespace = $1 AND name = $2`,
        [namespace, name],
      ),
    );
    return row && seenIn(row);
  }
}

/** A claim while it is held. */
class Hold implements Claim {
  readonly #options: ClaimsOptions;
  readonly #key: Key;
  readonly #end: () => void;
  readonly #holder = randomUUID();
  readonly #lost = new AbortController();
  #alive = new Elapsed();
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #released: Promise<void> | undefined;

  constructor(options: ClaimsOptions, key: Key, end: () => void) {
    this.#options = options;
    this.#key = key;
    this.#end = end;
  }

  /** Takes the place of what was seen; says whether nobody was first. */
  async begin(seen: Seen | undefined): Promise<boolean> {
    const { borrow, leaseMs, listener } = this.#options;
    await listener.backend();
    const alive = new Elapsed();
    const rows = await borrow(({ client, write }) => {
      const text = (value: string) => client.escapeLiteral(value);
      const { namespace, name } = this.#key;
      return write(
        seen === undefined
          ? `INSERT INTO matrix_auth_sessions (namespace, name, version, body, updated_at)
             VALUES (${text(namespace)}, ${text(name)}, 1, ${text(this.#body())}, clock_timestamp())
             ON CONFLICT DO NOTHING RETURNING version`
          : `UPDATE matrix_auth_sessions
             SET version = version + 1, body = ${text(this.#body())}, updated_at = clock_timestamp()
             WHERE namespace = ${text(namespace)} AND name = ${text(name)} AND version = ${text(seen.version)}
               AND body = ${text(seen.body)} RETURNING version`,
        lightly,
      );
    });
    if (rows.length === 0) return false;
    this.#alive = alive;
    this.#timer = setInterval(() => this.beat(), leaseMs / 3).unref();
    return true;
  }

  get lost(): AbortSignal {
    if (this.#released === undefined && this.#alive.ms >= this.#options.leaseMs) this.#lost.abort();
    return this.#lost.signal;
  }

  /** Renews the lease, and names the connection that this process listens on now. */
  beat(): void {
    if (this.lost.aborted || this.#released !== undefined) return;
    this.#beating ??= this.#renew().finally(() => {
      this.#beating = undefined;
    });
  }

  release(): Promise<void> {
    this.#released ??= this.#giveBack();
    return this.#released;
  }

  async #renew(): Promise<void> {
    const alive = new Elapsed();
    try {
      const rows = await this.#change(
        (text) => `UPDATE matrix_auth_sessions
          SET version = version + 1, body = ${text(this.#body())}, updated_at = clock_timestamp()
          WHERE ${this.#mine(text)} RETURNING version`,
      );
      if (rows.length === 0 && this.#released === undefined) this.#lost.abort();
      else this.#alive = alive;
    } catch {
      // The lease runs on meanwhile.
      setTimeout(() => this.beat(), AGAIN_MS).unref();
    }
  }

  async #giveBack(): Promise<void> {
    clearInterval(this.#timer);
    try {
      await this.#beating;
      await this.#change(
        (text) => `WITH gone AS (DELETE FROM matrix_auth_sessions WHERE ${this.#mine(text)} RETURNING version)
          SELECT pg_notify('${CHANNEL}', ${text(payloadOf(this.#key))} || version) FROM gone`,
      );
    } catch {
      // It ends by itself, with the lease.
    } finally {
      this.#end();
    }
  }

  #change(statement: (text: (value: string) => string) => string): Promise<QueryResultRow[]> {
    return this.#options.borrow(({ client, write }) =>
      write(
        statement((value) => client.escapeLiteral(value)),
        lightly,
      ),
    );
  }

  #mine(text: (value: string) => string): string {
    const { namespace, name } = this.#key;
    return `namespace = ${text(namespace)} AND name = ${text(name)} AND body::jsonb->>'holder' = ${text(this.#holder)}`;
  }

  #body(): string {
    const { leaseMs, listener } = this.#options;
    return JSON.stringify({ format: 2, holder: this.#holder, leaseMs, ...listener.knownBackend });
  }
}

function seenIn(row: QueryResultRow): Seen {
  return {
    version: String(row['version']),
    body: String(row['body']),
    over: row['over'] === true,
    gone: row['gone'] === true,
  };
}

/** Resolves when `event` does, or after so many ms. */
async function woken(event: Promise<void>, ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const aborted = () => resolve();
  signal?.addEventListener('abort', aborted);
  try {
    await Promise.race([event, promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', aborted);
  }
}

function heldTooLong(name: string, ms: number): SessionStoreError {
  return new SessionStoreError(
    `The session ${JSON.stringify(name)} has been claimed by another holder for more than ${ms} ms. Nothing was changed: try again.`,
    { permanent: false },
  );
}
