/** Pauses that all end when there is news. */
export class Pauses {
  readonly #ends: (() => void)[] = [];

  /** Resolves at this time (ms since the epoch), after `ms` if that is sooner, or when the pauses are ended. */
  until(at: number, ms = Number.POSITIVE_INFINITY): Promise<void> {
    const wait = Math.min(ms, Math.max(0, at - Date.now()), 2 ** 31 - 1);
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#ends.splice(this.#ends.indexOf(end), 1);
        resolve();
      };
      // A message that waits is no reason to keep a process alive: it is in the store, or nobody wanted it to last.
      const timer = setTimeout(end, wait).unref();
      this.#ends.push(end);
    });
  }

  end(): void {
    for (const end of [...this.#ends]) end();
  }
}
