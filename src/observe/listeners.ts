/** Calls each listener with each value. The first error of a listener is logged; the others are still called. */
export class Listeners<T> {
  readonly #listeners = new Map<symbol, { readonly call: (value: T) => void; warned: boolean }>();
  readonly #observer: string;
  readonly #logger: { warn(message: string): void };

  constructor(observer: string, logger: { warn(message: string): void }) {
    this.#observer = observer;
    this.#logger = logger;
  }

  add(call: (value: T) => void): () => void {
    const key = Symbol('listener');
    this.#listeners.set(key, { call, warned: false });
    return () => {
      this.#listeners.delete(key);
    };
  }

  tell(value: T): void {
    for (const listener of this.#listeners.values()) {
      try {
        listener.call(value);
      } catch (error) {
        if (listener.warned) continue;
        listener.warned = true;
        const what = error instanceof Error ? error.name : 'something that is no Error';
        this.#logger.warn(
          `matrix-auth-machine: a listener of the observer "${this.#observer}" threw ${what}. Fix the listener; the session and the frames go on.`,
        );
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
