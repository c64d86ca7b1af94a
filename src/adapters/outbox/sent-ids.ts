/** How many ids are remembered: always, and while handlers may be run again that have used them. */
const AT_LEAST = 200;
const AT_MOST = 10_000;

/**
 * The ids of what was delivered last, and its events. A handler that is run again after a kill sends nothing twice, if all are
 * remembered that it may use again: those since everything was handled, and the store knew.
 */
export class SentIds {
  #events: Map<string, string> | undefined;
  /** Whether anything is handled that may be handled again. */
  #repeats = false;
  #added = 0;
  #settled = 0;

  get(id: string): string | undefined {
    return this.#events?.get(id);
  }

  get events(): ReadonlySet<string> {
    return new Set(this.#events?.values());
  }

  add(id: string, eventId: string): void {
    this.#added += 1;
    this.#events ??= new Map();
    this.#events.set(id, eventId);
    const [oldest = ''] = this.#events.keys();
    if (this.#events.size > AT_MOST) this.#events.delete(oldest);
  }

  /** How many of the last have to outlive this process. */
  get needed(): number {
    if (!this.#repeats) return AT_LEAST;
    return Math.min(Math.max(this.#added - this.#settled, AT_LEAST), AT_MOST);
  }

  /** From now on handlers are run, and may be run again by a later process. */
  rememberAll(): void {
    this.#repeats = true;
  }

  /** All handlers are done. Once what this returns is called, none of those that have run will be run again. */
  settled(): () => void {
    const added = this.#added;
    return () => {
      this.#settled = Math.max(this.#settled, added);
    };
  }
}
