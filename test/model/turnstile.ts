interface Held {
  readonly go: () => void;
  /** When it came; absent where it goes on with whatever goes on next. */
  readonly epoch: number | undefined;
}

/** Holds what the session's services do first, until a walk lets them go on. */
export class Turnstile {
  #closed = false;
  #forGood = false;
  #epoch = 0;
  readonly #held = new Set<Held>();

  /** @param lasting stays held, as a slow answer would, when it was not let go on in its time */
  async pass(lasting = false): Promise<void> {
    // A service starts before its new state is told of, and so before the turnstile is closed for it.
    await new Promise(setImmediate);
    while (this.#closed) {
      const epoch = lasting ? this.#epoch : undefined;
      await new Promise<void>((go) => this.#held.add({ go, epoch }));
      if (epoch !== undefined) return;
    }
  }

  /** The session is in its next state. */
  next({ closed }: { readonly closed: boolean }): void {
    this.#epoch += 1;
    this.#closed = closed && !this.#forGood;
    if (!closed) this.open();
  }

  open(): void {
    this.#closed = false;
    for (const held of this.#held) {
      if (!this.#forGood && held.epoch !== undefined && held.epoch !== this.#epoch) continue;
      this.#held.delete(held);
      held.go();
    }
  }

  /** What was slow comes to its end at last. */
  letSlowGo(): void {
    for (const { go } of this.#held) go();
    this.#held.clear();
  }

  /** Whoever is held, or comes later, never goes on: the process is gone. */
  breakDown(): void {
    this.#forGood = false;
    this.#closed = true;
    this.#held.clear();
    this.open = () => {};
  }

  /** At the end of a walk nothing is held any more. */
  openForGood(): void {
    this.#forGood = true;
    this.open();
  }
}
