import type { MatrixAuth, Session } from '../src/index.ts';

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

  /** @param onExpired is called when a token has run out */
  constructor(auth: Pick<MatrixAuth<unknown>, 'on'>, onExpired: () => void = () => {}) {
    this.#onExpired = onExpired;
    auth.on('refreshed', ({ session }) => {
      this.refreshes += 1;
      this.#watch(session);
    });
    auth.on('logged-in', ({ session }) => {
      this.logins += 1;
      this.#watch(session);
    });
  }

  /** Ends the counting. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #watch({ expiresAt }: Session): void {
    if (expiresAt === undefined) return;
    const expire = () => {
      this.#timers.delete(timer);
      this.expired += 1;
      this.#onExpired();
    };
    const timer = setTimeout(expire, Math.min(expiresAt - Date.now(), LONGEST_TIMER_MS));
    this.#timers.add(timer);
  }
}
