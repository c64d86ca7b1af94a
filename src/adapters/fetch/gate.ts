/** Whether requests may be sent now: yes; not yet; not until somebody has helped; never again. */
export type GateState = 'open' | 'waiting' | 'failed' | 'stopped';

/** A request waited longer than it may for a token that works. */
export class RequestHeldTooLongError extends Error {
  override readonly name = 'RequestHeldTooLongError';
}

/** More requests wait for a token than may. */
export class TooManyRequestsHeldError extends Error {
  override readonly name = 'TooManyRequestsHeldError';
}

export interface GateOptions {
  readonly state: () => GateState;
  /** What a request gets while the gate is `failed` or `stopped`. */
  readonly closedError: () => Error;
  /** How many requests may wait at once. Default 10,000. */
  readonly maxHeld?: number;
  /** How long a request may wait, in ms. Default 120,000. */
  readonly maxHeldMs?: number;
}

interface Waiter {
  readonly open: () => void;
  readonly fail: (error: unknown) => void;
}

/** Holds requests while there is no usable token. */
export class Gate {
  readonly #options: GateOptions;
  readonly #waiters = new Set<Waiter>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  get state(): GateState {
    return this.#options.state();
  }

  /** How many requests wait now. */
  get held(): number {
    return this.#waiters.size;
  }

  /**
   * Resolves when requests may be sent: at once, most of the time.
   * @param since when the request was made, in ms since the epoch: its age is bounded over all its waits
   * @throws the signal's reason, at once when it aborts; {@link RequestHeldTooLongError};
   *   {@link TooManyRequestsHeldError}; the closed gate's error
   */
  async pass(signal: AbortSignal | undefined, since: number): Promise<void> {
    signal?.throwIfAborted();
    const state = this.#options.state();
    if (state === 'open') return;
    if (state !== 'waiting') throw this.#options.closedError();
    await this.#wait(signal, since);
  }

  /** To be called whenever the state may have changed. */
  update(): void {
    const state = this.#options.state();
    if (state === 'waiting') return;
    for (const waiter of [...this.#waiters]) {
      if (state === 'open') waiter.open();
      else waiter.fail(this.#options.closedError());
    }
  }

  #wait(signal: AbortSignal | undefined, since: number): Promise<void> {
    const { maxHeld = 10_000, maxHeldMs = 120_000 } = this.#options;
    if (this.#waiters.size >= maxHeld) {
      throw new TooManyRequestsHeldError(
        `${maxHeld} requests already wait for a token that works, and no more may (option "maxHeld"). Nothing was sent. Try again later, or find out why the session cannot be renewed.`,
      );
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiters.delete(waiter);
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      const waiter: Waiter = {
        open: () => {
          leave();
          resolve();
        },
        fail: (error) => {
          leave();
          reject(error);
        },
      };
      const abort = () => waiter.fail(signal?.reason);
      const timer = setTimeout(
        () =>
          waiter.fail(
            new RequestHeldTooLongError(
              `The request waited ${maxHeldMs} ms for a token that works, and may not wait longer (option "maxHeldMs"). It was not executed. Try again later, or find out why the session cannot be renewed.`,
            ),
          ),
        // A longer timer would fire at once, and one with a negative time warns.
        Math.min(2 ** 31 - 1, Math.max(0, since + maxHeldMs - Date.now())),
      );
      signal?.addEventListener('abort', abort);
      this.#waiters.add(waiter);
    });
  }
}
