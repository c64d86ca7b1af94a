import type { Answer, Homeserver, TokenGrant } from './homeserver.ts';
import type { Secret } from './secret.ts';

/** How a session gets new tokens with its refresh token. Which one it is, the stored session's `kind` says. */
export interface Renewal {
  /** The kind of session that it renews. */
  readonly kind: string;
  /**
   * Exchanges the refresh token for new tokens. A refusal whose status and `errcode` are not those of Matrix has to say
   * what it means in `rejection.meaning`: `refresh-dead` ends the session, `transient` does not.
   */
  renew(refreshToken: Secret, context: RenewalContext): Promise<Answer<TokenGrant>>;
}

export interface RenewalContext {
  readonly homeserver: Homeserver;
  /** The homeserver's base URL, without a trailing slash. */
  readonly homeserverUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
}
