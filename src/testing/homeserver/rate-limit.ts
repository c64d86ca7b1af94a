import { limitExceeded } from './matrix-error.ts';
import type { RateLimit } from './options.ts';

interface Bucket {
  startedAt: number;
  count: number;
}

/** Counts actions per key and refuses those over the limit, by Synapse's reckoning. */
export class RateLimiter {
  readonly #limit: RateLimit | null;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limit: RateLimit | null, now: () => number) {
    this.#limit = limit;
    this.#now = now;
  }

  /** @throws MatrixError 429 `M_LIMIT_EXCEEDED` when the limit is reached; a refused action does not count. */
  count(key: string): void {
    if (this.#limit === null) return;
    const { perSecond, burst } = this.#limit;
    const now = this.#now();
    let bucket = this.#buckets.get(key);
    if (bucket === undefined || bucket.count - ((now - bucket.startedAt) / 1000) * perSecond < 0) {
      bucket = { startedAt: now, count: 0 };
      this.#buckets.set(key, bucket);
    }
    const pending = bucket.count - ((now - bucket.startedAt) / 1000) * perSecond;
    if (pending > burst - 1) {
      const allowedAt = bucket.startedAt + ((bucket.count - burst + 1) / perSecond) * 1000;
      throw limitExceeded(Math.max(1, Math.trunc(allowedAt - now)));
    }
    bucket.count += 1;
  }
}
