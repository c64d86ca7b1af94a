import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Notification, Pool } from 'pg';
import { type Borrowed, borrowing, type Limits } from './connection.ts';
import { reconnectDelays } from './reconnect-delays.ts';
import { CHANNEL } from './table.ts';

export interface ListenerOptions extends Limits {
  readonly pool: Pool;
  /** How often listeners are called without a notification, in ms. */
  readonly pollMs: number;
}

/** A process of the server: a later one with the same number has another start. */
export interface Backend {
  readonly pid: number;
  /** In µs since the epoch. */
  readonly startedUs: string;
}

/** How often listeners are called where no connection can be spared to listen, in ms. */
const UNHEARD_POLL_MS = 2_000;

/** How long a notification may take, in ms: behind a transaction pooler it never comes. */
const PROBE_MS = 1_000;

/**
 * Listens for notifications on a connection of its own, as long as there is somebody to call. A notification can get
 * lost, so everybody is called after each (re)connect, and once per `pollMs`. A pool of one connection has none to spare:
 * then everybody is called every now and then. Does not keep the process alive.
 */
export class Listener {
  readonly #options: ListenerOptions;
  /** What to call, by the start of the payload. */
  readonly #listeners = new Map<() => void, string>();
  #backend = Promise.withResolvers<Backend | undefined>();
  #known: Backend | undefined;
  #stop: AbortController | undefined;
  #listening: Promise<void> = Promise.resolve();
  /** Has a connection of the pool for a moment. */
  #probing: Promise<unknown> = Promise.resolve();

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /**
   * The server's process behind the connection that listens, if that is known to end with the connection: it is not
   * behind a transaction pooler. It is waited for for a moment.
   */
  async backend(): Promise<Backend | undefined> {
    if (!this.#canListen) return undefined;
    return Promise.race([this.#backend.promise, delay(PROBE_MS, undefined, { ref: false })]);
  }

  /** {@link backend}, without waiting. */
  get knownBackend(): Backend | undefined {
    return this.#known;
  }

  add(payloadStart: string, listener: () => void): () => void {
    const call = () => listener();
    this.#listeners.set(call, payloadStart);
    if (this.#stop === undefined) {
      const stop = new AbortController();
      this.#stop = stop;
      this.#listening = this.#listening.then(() => this.#run(stop.signal));
    } else {
      queueMicrotask(() => {
        if (this.#listeners.has(call)) call();
      });
    }
    return () => {
      this.#listeners.delete(call);
      if (this.#listeners.size === 0) this.#end();
    };
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#end();
    await this.#listening;
    await this.#probing;
  }

  #end(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }

  get #canListen(): boolean {
    return this.#options.pool.options.max > 1;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { pool, pollMs } = this.#options;
    while (!this.#canListen && !signal.aborted) {
      this.#call(() => true);
      await pause(Math.min(pollMs, UNHEARD_POLL_MS), signal);
    }
    let delays = reconnectDelays();
    while (!signal.aborted) {
      const listen = async (borrowed: Borrowed) => {
        await borrowed.query(`LISTEN ${CHANNEL}`);
        delays = reconnectDelays();
        await this.#serve(borrowed, signal);
      };
      // Whoever reads or writes is told what is wrong; here it is only tried again.
      await borrowing(pool, this.#options, listen, signal).catch(() => {});
      this.#forgetBackend();
      // A claim that names the backend which has gone is about to be taken for abandoned.
      if (!signal.aborted) this.#call(() => true);
      await pause(delays.next().value, signal);
    }
  }

  /**
   * Calls whoever is to be called. Never resolves: it rejects when the connection is lost or no longer wanted, so that
   * it is ended, and not used by others while it listens.
   */
  async #serve({ client, query }: Borrowed, signal: AbortSignal): Promise<never> {
    const probe = `probe ${randomUUID()}`;
    const probed = Promise.withResolvers<void>();
    client.on('notification', ({ payload }: Notification) => {
      if (payload === probe) probed.resolve();
      else this.#call((start) => payload?.startsWith(start) === true);
    });
    const lost = new AbortController();
    client.once('end', () => lost.abort());
    const over = AbortSignal.any([signal, lost.signal]);
    unref(client);
    const [row] = await query(
      `SELECT pid, (extract(epoch FROM backend_start) * 1000000)::bigint::text AS started
       FROM pg_stat_activity WHERE pid = pg_backend_pid()`,
    );
    const backend = { pid: Number(row?.['pid']), startedUs: String(row?.['started']) };
    void this.#probe(probe, probed.promise, backend, signal);
    for (;;) {
      this.#call(() => true);
      await pause(this.#options.pollMs, over);
      signal.throwIfAborted();
      // Fails on a lost connection, whether its end was seen or not.
      await query('SELECT 1');
    }
  }

  /** A pooler that lends out connections by the transaction passes no notification on from another connection. */
  async #probe(payload: string, heard: Promise<void>, backend: Backend, signal: AbortSignal): Promise<void> {
    const waiting = this.#backend;
    const { pool } = this.#options;
    const notify = ({ query }: Borrowed) => query('SELECT pg_notify($1, $2)', [CHANNEL, payload]);
    const asked = borrowing(pool, this.#options, notify, signal).catch(() => {});
    this.#probing = asked;
    await asked;
    const direct = await Promise.race([heard.then(() => true), delay(PROBE_MS, false, { ref: false })]);
    if (waiting !== this.#backend) return;
    if (direct) this.#known = backend;
    waiting.resolve(this.#known);
  }

  #forgetBackend(): void {
    this.#known = undefined;
    this.#backend.resolve(undefined);
    this.#backend = Promise.withResolvers();
  }

  #call(wanted: (payloadStart: string) => boolean): void {
    for (const [call, payloadStart] of this.#listeners) if (wanted(payloadStart)) call();
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => {});
}

/** The driver's types leave this method out. */
function unref(client: object): void {
  if ('unref' in client && typeof client.unref === 'function') client.unref();
}
