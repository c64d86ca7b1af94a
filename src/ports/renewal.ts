import type { Answer, Homeserver, TokenGrant } from './homeserver.ts';
import type { Secret } from './secret.ts';
import type { GivenTokens } from './sign-in.ts';

/** What a renewal keeps with the session, such as the client's id: no secrets. */
export type RenewalData = Readonly<Record<string, string>>;

/** How a session gets new tokens with its refresh token. Which one it is, the stored session's `kind` says. */
export interface Renewal {
  /** The kind of session that it renews. */
  readonly kind: string;
  /**
   * Exchanges the refresh token for new tokens. A refusal whose status and `errcode` are not those of Matrix has to say
   * what it means in `rejection.meaning`: `refresh-dead` ends the session, `transient` does not.
   */
  renew(refreshToken: Secret, context: RenewalContext): Promise<Answer<TokenGrant>>;
  /** Ends a session at a logout. Default: by the `/logout` of the Matrix specification. */
  end?(session: GivenTokens, context: RenewalContext): Promise<Answer<void>>;
  /** What a person can do, in a sentence or two. */
  readonly advice?: {
    /** The session has ended: its refresh token was refused. */
    readonly ended: string;
  };
}

export interface RenewalContext {
  readonly homeserver: Homeserver;
  /** The homeserver's base URL, without a trailing slash. */
  readonly homeserverUrl: string;
  readonly fetch: typeof globalThis.fetch;
  /** Time limit of one request, in ms. Default 10,000. */
  readonly timeoutMs?: number;
  /** What was kept with the session. */
  readonly data: RenewalData;
  readonly signal: AbortSignal;
}
