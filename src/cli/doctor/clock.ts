/** A `Date` header says the second, not more. */
const RESOLUTION_MS = 1_000;

/** How far the homeserver's clock is ahead of this computer's, by the `Date` headers of what it answers. */
export class HomeserverClock {
  #aheadMs: number | undefined;

  /** `undefined` where no answer said what time it is. A proxy's cache does not count. */
  get aheadMs(): number | undefined {
    return this.#aheadMs;
  }

  /** `fetch`, whose answers are looked at. */
  watching(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return async (...request) => {
      const sentAt = Date.now();
      const response = await fetch(...request);
      const date = Date.parse(response.headers.get('date') ?? '');
      if (!Number.isNaN(date) && !response.headers.has('age')) this.#note(date, sentAt, Date.now());
      return response;
    };
  }

  #note(date: number, sentAt: number, receivedAt: number): void {
    // It was answered between the two, in the second that begins with `date`.
    const ahead = Math.max(0, date - receivedAt);
    const behind = Math.max(0, sentAt - (date + RESOLUTION_MS));
    this.#aheadMs = ahead > 0 ? ahead : -behind;
  }
}
