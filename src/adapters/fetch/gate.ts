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
  readonly maxHeld?: number | undefined;
  /** How long a request may wait, in ms, over all of its waits. Default 120,000. */
  readonly maxHeldMs?: number | undefined;
}

/** How long one request has been held so far, in ms, over all of its waits. The time that it is on the wire is not in it. */
export interface HeldTime {
  ms: number;
}

interface Waiter {
  readonly open: () => void;
  readonly fail: (error: unknown) => void;
}

/** Holds requests while there is no usable token. */
export class Gate {
  readonly #options: GateOptions;
  /** Most gates never hold any. */
  #waiters: Set<Waiter> | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  get state(): GateState {
    return this.#options.state();
  }

  /** How many requests wait now. */
  get held(): number {
    return this.#waiters?.size ?? 0;
  }

  /**
   * Resolves when requests may be sent: at once, most of the time.
   * @param held how long this request has waited before; this wait is added to it. Default: not at all.
   * @throws the signal's reason, at once when it aborts; {@link RequestHeldTooLongError};
   *   {@link TooManyRequestsHeldError}; the closed gate's error
   */
  async pass(signal?: AbortSignal, held: HeldTime = { ms: 0 }): Promise<void> {
    signal?.throwIfAborted();
    const state = this.#options.state();
    if (state === 'open') return;
    if (state !== 'waiting') throw this.#options.closedError();
    await this.#wait(signal, held);
  }

  /** To be called whenever the state may have changed. */
  update(): void {
    const state = this.#options.state();
    if (state === 'waiting') return;
    for (const waiter of [...(this.#waiters ?? [])]) {
      if (state === 'open') waiter.open();
      else waiter.fail(this.#options.closedError());
    }
  }

  #wait(signal: AbortSignal | undefined, held: HeldTime): Promise<void> {
    const { maxHeld = 10_000, maxHeldMs = 120_000 } = this.#options;
    if (this.held >= maxHeld) {
      throw new TooManyRequestsHeldError(
        `${maxHeld} requests already wait for a token that works, and no more may (option "maxHeld"). Nothing was sent. Try again later, or find out why the session cannot be renewed.`,
      );
    }
    return new Promise((resolve, reject) => {
      // The wall clock may be set meanwhile; this one cannot.
      const since = performance.now();
      const leave = () => {
        held.ms += performance.now() - since;
        this.#waiters?.delete(waiter);
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
        Math.min(2 ** 31 - 1, Math.max(0, maxHeldMs - held.ms)),
      );
      signal?.addEventListener('abort', abort);
      this.#waiters ??= new Set();
      this.#waiters.add(waiter);
    });
  }
}
