/**
 * Measures time by the wall clock and by the monotonic clock, and believes the one that says more: the monotonic clock
 * stands still while the computer is suspended, the other can be set back.
 */
export class Elapsed {
  readonly #wall = Date.now();
  readonly #monotonic = performance.now();

  get ms(): number {
    return Math.max(Date.now() - this.#wall, this.monotonicMs);
  }

  /** By the monotonic clock alone. */
  get monotonicMs(): number {
    return performance.now() - this.#monotonic;
  }
}
