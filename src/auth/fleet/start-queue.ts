import { setTimeout as delay } from 'node:timers/promises';

/** How many are started at once. What they ask of the store goes before the signs of life of this process. */
const AT_ONCE = 10;
/**
 * After this time the next one is started, in ms: what this one asks of the store is done most likely, and it waits for a
 * person, or for a homeserver that is away.
 */
const LONGEST_MS = 500;

/** Starts sessions a few at a time, in the order in which they came. */
export class StartQueue {
  readonly #waiting: (() => Promise<unknown>)[] = [];
  #under = 0;

  /** @param start does nothing if it is not wanted any more, and never rejects */
  add(start: () => Promise<unknown>): void {
    this.#waiting.push(start);
    if (this.#under < AT_ONCE) void this.#work();
  }

  async #work(): Promise<void> {
    this.#under += 1;
    for (let start = this.#waiting.shift(); start !== undefined; start = this.#waiting.shift()) {
      const over = new AbortController();
      const late = delay(LONGEST_MS, undefined, { signal: over.signal }).catch(() => undefined);
      await Promise.race([start(), late]);
      over.abort();
    }
    this.#under -= 1;
  }
}
