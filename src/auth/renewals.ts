import { matrixRenewal } from '../adapters/sign-in/index.ts';
import type { Rejection } from '../machines/auth/index.ts';
import type { Renewal } from '../ports/index.ts';
import type { SignInLadder } from './sign-in-ladder.ts';

type Found = { readonly renewal: Renewal } | { readonly missing: Rejection };

/** How sessions are renewed, by their kind. */
export class Renewals {
  #oauth: Renewal | undefined;
  #latest: Renewal = matrixRenewal;

  /** The renewal of this kind of session, or why there is none. */
  async of(kind: string | undefined, ladder: SignInLadder): Promise<Found> {
    const found = await this.#find(kind, ladder);
    if ('renewal' in found) this.#latest = found.renewal;
    return found;
  }

  /** What can be done where the session has ended, as far as that depends on how it was renewed. */
  get advice(): string | undefined {
    return this.#latest.advice?.ended;
  }

  async #find(kind: string | undefined, ladder: SignInLadder): Promise<Found> {
    if (kind === undefined) return { renewal: matrixRenewal };
    const renewal = ladder.renewalOf(kind);
    if (renewal !== undefined) return { renewal };
    return kind === 'oauth' ? this.#loadOAuth() : { missing: unknownKind };
  }

  /**
   * A stored session of OAuth 2.0 goes on in a bot whose author said nothing of it. Its library is loaded only then: who
   * has no such session need not install it.
   */
  async #loadOAuth(): Promise<Found> {
    try {
      const { oauthRenewal } = await import('../adapters/sign-in/oauth/index.ts');
      this.#oauth ??= oauthRenewal();
      return { renewal: this.#oauth };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
      return { missing: packageMissing };
    }
  }
}

/** The stored session is of a kind that none of the ways to sign in knows how to renew. */
const unknownKind: Rejection = { endpoint: 'refresh', status: 0, meaning: 'unsupported' };

const packageMissing: Rejection = {
  endpoint: 'refresh',
  status: 0,
  meaning: 'transient',
  detail: {
    code: 'package-missing',
    what: 'the stored session is one of OAuth 2.0, and the package oauth4webapi is not installed',
  },
};
