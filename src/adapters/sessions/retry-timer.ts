const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** Does something again after a second, and ever more seldom, until it is stopped. It does not keep the process alive. */
export class RetryTimer {
  readonly #attempt: () => Promise<unknown>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #round: object | undefined;

  /** @param attempt is not to reject */
  constructor(attempt: () => Promise<unknown>) {
    this.#attempt = attempt;
  }

  /** Does nothing if it runs already. */
  start(): void {
    if (this.#round !== undefined) return;
    this.#round = {};
    this.#next(this.#round, FIRST_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#round = undefined;
  }

  #next(round: object, afterMs: number): void {
    this.#timer = setTimeout(() => {
      void this.#attempt().then(() => {
        if (this.#round === round) this.#next(round, Math.min(LONGEST_MS, afterMs * 2));
      });
    }, afterMs);
    this.#timer.unref();
  }
}
