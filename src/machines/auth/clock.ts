/** The longest a timer sleeps before it looks at the wall clock again. */
const LONGEST_SLEEP_MS = 60_000;

/**
 * A clock for `createActor(machine, { clock })`. Ordinary timers do not count the time that a machine was suspended;
 * these are due when the wall clock or the time awake says so, whichever comes first, at the latest a minute after waking.
 * They also bear waits of any length.
 */
export const wallClock = {
  setTimeout(fn: (...args: unknown[]) => void, timeoutMs: number): WallTimer {
    return new WallTimer(fn, timeoutMs);
  },
  clearTimeout(timer: WallTimer | undefined): void {
    timer?.clear();
  },
};

class WallTimer {
  readonly #fn: () => void;
  readonly #wallEnd: number;
  readonly #awakeEnd: number;
  #handle: ReturnType<typeof setTimeout>;

  constructor(fn: () => void, timeoutMs: number) {
    this.#fn = fn;
    this.#wallEnd = Date.now() + timeoutMs;
    this.#awakeEnd = performance.now() + timeoutMs;
    this.#handle = this.#sleep();
  }

  clear(): void {
    clearTimeout(this.#handle);
  }

  get #remainingMs(): number {
    return Math.min(this.#wallEnd - Date.now(), this.#awakeEnd - performance.now());
  }

  #sleep(): ReturnType<typeof setTimeout> {
    const ms = Math.min(LONGEST_SLEEP_MS, Math.max(0, Math.ceil(this.#remainingMs)));
    return setTimeout(wake, ms, this);
  }

  wake(): void {
    if (this.#remainingMs <= 0) this.#fn();
    else this.#handle = this.#sleep();
  }
}

/** One function for all timers. */
function wake(timer: WallTimer): void {
  timer.wake();
}
