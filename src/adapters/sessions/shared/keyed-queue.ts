/** Lets one at a time through per key, in the order in which they came. */
export class KeyedQueue {
  readonly #last = new Map<string, Promise<void>>();

  /**
   * Resolves with the function that ends the turn, or with `undefined` if the turn did not come in time. Rejects with the
   * signal's reason.
   */
  async take(key: string, waitAtMostMs: number, signal?: AbortSignal): Promise<(() => void) | undefined> {
    const before = this.#last.get(key);
    const { promise: done, resolve: end } = Promise.withResolvers<void>();
    const last = before === undefined ? done : before.then(() => done);
    this.#last.set(key, last);
    void last.then(() => {
      if (this.#last.get(key) === last) this.#last.delete(key);
    });
    try {
      signal?.throwIfAborted();
      if (before === undefined || (await inTime(before, waitAtMostMs, signal))) return end;
    } catch (error) {
      end();
      throw error;
    }
    end();
    return undefined;
  }
}

async function inTime(promise: Promise<void>, ms: number, signal?: AbortSignal): Promise<boolean> {
  const { promise: late, resolve, reject } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, ms, false);
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  try {
    return await Promise.race([promise.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
