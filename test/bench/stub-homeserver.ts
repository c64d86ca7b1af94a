import { setTimeout as delay } from 'node:timers/promises';

export interface StubOptions {
  /** Of access tokens that come by a refresh, in ms. Default: an hour. */
  readonly lifetimeMs?: number;
  /** How long each answer takes, in ms. Default: none at all. */
  readonly latencyMs?: number;
}

/** A homeserver without a network: what is measured is this package, and nothing else. */
export class StubHomeserver {
  readonly url = 'http://stub.localhost';
  lifetimeMs: number;
  readonly #latencyMs: number;
  /** When each refresh was asked for, by a monotonic clock. */
  readonly refreshedAt: number[] = [];
  #issued = 0;

  constructor({ lifetimeMs = 3_600_000, latencyMs = 0 }: StubOptions = {}) {
    this.lifetimeMs = lifetimeMs;
    this.#latencyMs = latencyMs;
  }

  readonly fetch: typeof globalThis.fetch = async (input) => {
    const path = String(input instanceof Request ? input.url : input).slice(this.url.length);
    if (path.endsWith('/refresh')) this.refreshedAt.push(performance.now());
    if (this.#latencyMs > 0) await delay(this.#latencyMs);
    if (path.endsWith('/whoami')) return Response.json({ user_id: '@bot:stub.localhost' });
    this.#issued += 1;
    return Response.json({
      access_token: `at${this.#issued}`,
      refresh_token: `rt${this.#issued}`,
      expires_in_ms: this.lifetimeMs,
      ...(path.endsWith('/login') ? { user_id: '@bot:stub.localhost', device_id: 'BENCH' } : {}),
    });
  };
}
