/** The longest that one session's Retry-After holds up the others, in ms: it may be meant for that account alone. */
const LONGEST_HOLD_MS = 60_000;
/**
 * The longest interval between two requests after the first refusal, in ms. The wait that a homeserver asks for is kept
 * in any case; how far apart requests have to be after it is to be found out.
 */
const FIRST_INTERVAL_MS = 250;
const LONGEST_INTERVAL_MS = 5_000;
/** While there is a limit, requests are never closer together than this, in ms. */
const SHORTEST_INTERVAL_MS = 2;
/** After so long without a refusal the limit is forgotten, in ms. */
const FORGOTTEN_AFTER_MS = 60_000;

/** The limit is not known yet: the interval shrinks by this with each request that is taken, until one is refused. */
const FINDING = 0.9;
const FASTER = 0.985;
const SLOWER = 1.25;
/** By so many requests it is measured how many are taken. */
const MEASURED = 32;

/**
 * How fast a homeserver takes requests of one kind, as its answers show it. Before the first refusal nothing is held
 * back; then requests are held apart: a little less with each that is taken, and at a refusal as far as those were that
 * were taken lately. That keeps them just below the limit. Times are those of a monotonic clock, in ms.
 */
export class Pace {
  #intervalMs = 0;
  #finding = false;
  /** Nothing is to be sent before. */
  #nextAt = Number.NEGATIVE_INFINITY;
  #slowedAt = Number.NEGATIVE_INFINITY;
  /** When the last ones were taken, since requests are held apart. */
  #takenAt: number[] = [];

  /** From when on the next request may be sent. */
  get readyAt(): number {
    return this.#nextAt;
  }

  sent(now: number): void {
    this.#nextAt = Math.max(this.#nextAt, now) + this.#intervalMs;
  }

  taken(sentAt: number, now: number): void {
    if (this.#intervalMs === 0) return;
    this.#takenAt.push(now);
    if (this.#takenAt.length > MEASURED) this.#takenAt.shift();
    if (sentAt < this.#slowedAt) return;
    const next = this.#intervalMs * (this.#finding ? FINDING : FASTER);
    this.#intervalMs = Math.max(next, SHORTEST_INTERVAL_MS);
    if (now - this.#slowedAt < FORGOTTEN_AFTER_MS) return;
    this.#intervalMs = 0;
    this.#takenAt = [];
  }

  /** The homeserver wants fewer requests. */
  refused(retryAfterMs: number | undefined, sentAt: number, now: number): void {
    const holdMs = Math.min(retryAfterMs ?? 0, LONGEST_HOLD_MS);
    this.#nextAt = Math.max(this.#nextAt, now + holdMs);
    // It was under way already when the pace was last made slower.
    if (sentAt < this.#slowedAt) return;
    this.#finding = this.#intervalMs === 0;
    this.#intervalMs = this.#finding
      ? Math.min(retryAfterMs || FIRST_INTERVAL_MS, FIRST_INTERVAL_MS)
      : Math.min(this.#slowerIntervalMs(now), LONGEST_INTERVAL_MS);
    this.#slowedAt = now;
  }

  #slowerIntervalMs(now: number): number {
    const [oldest] = this.#takenAt;
    if (oldest === undefined || this.#takenAt.length < MEASURED / 4) return this.#intervalMs * SLOWER;
    return Math.max(this.#intervalMs, (now - oldest) / this.#takenAt.length);
  }
}
