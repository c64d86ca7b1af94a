import type { MatrixAuth } from '../src/index.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Counts how a session's tokens come and go. */
export class Tokens {
  readonly startedAt = Date.now();
  refreshes = 0;
  logins = 0;
  /** Tokens whose time has run out, whether or not they were still in use. */
  expired = 0;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #onExpired: () => void;
  #stopped = false;

  /** @param onExpired is called when a token has run out */
  constructor(onExpired: () => void = () => {}) {
    this.#onExpired = onExpired;
  }

  /** Counts the tokens of this session. */
  of(auth: Pick<MatrixAuth<unknown>, 'on'>): this {
    auth.on('refreshed', ({ session }) => this.issued('refresh', session.expiresAt));
    auth.on('logged-in', ({ session }) => this.issued('login', session.expiresAt));
    return this;
  }

  /** There is a new token. */
  issued(by: 'refresh' | 'login', expiresAt: number | undefined): void {
    if (by === 'refresh') this.refreshes += 1;
    else this.logins += 1;
    if (expiresAt !== undefined && !this.#stopped) this.#watch(expiresAt);
  }

  /** Ends the counting. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #watch(expiresAt: number): void {
    const expire = () => {
      this.#timers.delete(timer);
      this.expired += 1;
      this.#onExpired();
    };
    const timer = setTimeout(expire, Math.min(expiresAt - Date.now(), LONGEST_TIMER_MS));
    this.#timers.add(timer);
  }
}
