/** Holds what the session's services do first, until a walk lets them go on. */
export class Turnstile {
  #closed = false;
  #forGood = false;
  readonly #waiting = new Set<() => void>();

  async pass(): Promise<void> {
    // A service starts before its new state is told of, and so before the turnstile is closed for it.
    await new Promise(setImmediate);
    while (this.#closed) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  close(): void {
    this.#closed = !this.#forGood;
  }

  open(): void {
    this.#closed = false;
    for (const go of this.#waiting) go();
    this.#waiting.clear();
  }

  /** At the end of a walk nothing is held any more. */
  openForGood(): void {
    this.#forGood = true;
    this.open();
  }
}
