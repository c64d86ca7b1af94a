import { setTimeout as delay } from 'node:timers/promises';
import type { Notification, Pool } from 'pg';
import { type Borrowed, borrowing } from './client.ts';
import { reconnectDelays } from './reconnect-delays.ts';
import { CHANNEL } from './table.ts';

export interface ListenerOptions {
  readonly pool: Pool;
  /** How often listeners are called without a notification, in ms. */
  readonly pollMs: number;
  /** No query takes longer. */
  readonly limitMs: number;
}

/**
 * Listens for notifications on a connection of its own, as long as there is somebody to call. A notification can get
 * lost, so everybody is called after each (re)connect, and once per `pollMs`. Does not keep the process alive.
 */
export class Listener {
  readonly #options: ListenerOptions;
  /** What to call, by the start of the payload. */
  readonly #listeners = new Map<() => void, string>();
  #stop: AbortController | undefined;
  #listening: Promise<void> = Promise.resolve();

  constructor(options: ListenerOptions) {
    this.#options = options;
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
  }

  #end(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { pool, limitMs } = this.#options;
    let delays = reconnectDelays();
    while (!signal.aborted) {
      const listen = async (borrowed: Borrowed) => {
        await borrowed.query(`LISTEN ${CHANNEL}`);
        delays = reconnectDelays();
        await this.#serve(borrowed, signal);
      };
      // Whoever reads or writes is told what is wrong; here it is only tried again.
      await borrowing(pool, limitMs, listen, signal).catch(() => {});
      await pause(delays.next().value, signal);
    }
  }

  /**
   * Calls whoever is to be called. Never resolves: it rejects when the connection is lost or no longer wanted, so that
   * it is ended, and not used by others while it listens.
   */
  async #serve({ client, query }: Borrowed, signal: AbortSignal): Promise<never> {
    client.on('notification', ({ payload }: Notification) => {
      this.#call((start) => payload?.startsWith(start) === true);
    });
    const lost = new AbortController();
    client.once('end', () => lost.abort());
    const over = AbortSignal.any([signal, lost.signal]);
    unref(client);
    for (;;) {
      this.#call(() => true);
      await pause(this.#options.pollMs, over);
      signal.throwIfAborted();
      // Fails on a lost connection, whether its end was seen or not.
      await query('SELECT 1');
    }
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
