interface Waiter {
  readonly userId: string;
  readonly wake: () => void;
}

/** The order of everything that happens, and those who wait for the next thing. */
export class Stream {
  #position = 0;
  readonly #waiters = new Set<Waiter>();

  get position(): number {
    return this.#position;
  }

  /** The next position, taken by what happens now. Call {@link notify} when it has happened. */
  advance(): number {
    this.#position += 1;
    return this.#position;
  }

  notify(userIds: ReadonlySet<string>): void {
    for (const waiter of this.#waiters) if (userIds.has(waiter.userId)) waiter.wake();
  }

  /** Resolves when something happens for this user, after `timeoutMs` of real time, or on `signal`. */
  wait(userId: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#waiters.delete(waiter);
        resolve();
      };
      const waiter = { userId, wake: done };
      const timer = setTimeout(done, Math.min(timeoutMs, 2 ** 31 - 1));
      signal.addEventListener('abort', done, { once: true });
      this.#waiters.add(waiter);
    });
  }
}
