import { forbidden } from '../matrix-error.ts';
import { newToken } from './token-strings.ts';

/** Tokens that are good for one login each (`m.login.token`). */
export class LoginTokens {
  readonly lifetimeMs = 300_000;
  readonly #now: () => number;
  readonly #open = new Map<string, { readonly userId: string; readonly until: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  issue(userId: string): string {
    const token = newToken('syl', userId.slice(1, userId.indexOf(':')));
    this.#open.set(token, { userId, until: this.#now() + this.lifetimeMs });
    return token;
  }

  /** Whose it is. @throws MatrixError 403 if it is unknown, used or too old */
  spend(token: string | undefined): string {
    const found = this.#open.get(token ?? '');
    this.#open.delete(token ?? '');
    if (found === undefined || found.until < this.#now()) throw forbidden('Invalid login token');
    return found.userId;
  }
}
