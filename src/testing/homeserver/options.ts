import type { LoginNames } from './accounts/accounts.ts';
import { type OAuthOptions, type ResolvedOAuth, resolveOAuth } from './oauth/options.ts';

/** A rate limit as Synapse has it: `burst` at once, then `perSecond`. */
export interface RateLimit {
  /** How many are allowed per second in the long run. */
  readonly perSecond: number;
  /** How many are allowed at once. */
  readonly burst: number;
}

/** An application service, as its registration has it. */
export interface ApplicationService {
  /** Its `as_token`. */
  readonly token: string;
  /** A regular expression for the user ids in its namespace, from their beginning. */
  readonly users: string;
}

/** How the test homeserver behaves. Every option has a default; `startTestHomeserver()` is a good start. */
export interface TestHomeserverOptions {
  /**
   * Lifetime of access tokens that come with a refresh token, in milliseconds. `null`: this server has no refresh
   * tokens; `/refresh` is 404 `M_UNRECOGNIZED` and a login answers neither `refresh_token` nor `expires_in_ms`.
   * Default 300,000 (5 minutes), as on Synapse.
   */
  readonly accessTokenLifetimeMs?: number | null;
  /** Lifetime of access tokens that come without a refresh token, in milliseconds. Default `null`: no end. */
  readonly nonRefreshableLifetimeMs?: number | null;
  /** Lifetime of a refresh token that is not used, in milliseconds. Default `null`: no end. */
  readonly refreshTokenLifetimeMs?: number | null;
  /** The rate limit on `POST /login`, over all clients. Default: none. */
  readonly loginRateLimit?: RateLimit;
  /** The rate limit on `POST /refresh`, over all clients. Default: none. */
  readonly refreshRateLimit?: RateLimit;
  /** The rate limit on sending events, per user. Default: none. */
  readonly messageRateLimit?: RateLimit;
  /**
   * Rotate as the `/refresh` of matrix-authentication-service does: a refresh token is good for one refresh, again
   * is 401 "Invalid refresh token", and the old access token ends at once. A lost answer cannot be made good.
   * Default `false`: rotate as Synapse does; with `oauth` `true`.
   */
  readonly consumeRefreshTokenAtOnce?: boolean;
  /**
   * Whether an expired access token is answered with `soft_logout: true`. `false`: as Synapse answers behind
   * matrix-authentication-service, "Token is not active" with `soft_logout: false`. Default `true`; with `oauth` `false`.
   */
  readonly softLogoutOnExpiry?: boolean;
  /**
   * Whether `/refresh` answers with a new refresh token. `false`: it answers without one, and the old one stays
   * good, which the specification allows. Default `true`.
   */
  readonly refreshTokenReturned?: boolean;
  /**
   * An OAuth 2.0 server beside it, as matrix-authentication-service is beside Synapse: an expired token is answered with
   * `soft_logout: false`, and so is every token of a locked account. Default `false`: none.
   */
  readonly oauth?: boolean | OAuthOptions;
  /**
   * Whether login tokens (`m.login.token`) are given out: by `POST /login/get_token`, and by `issueLoginToken`. Default
   * `false`: only by the latter.
   */
  readonly loginTokens?: boolean;
  /** The key of JSON Web Tokens (HS256) that are taken as a login (`org.matrix.login.jwt`). Default: none are. */
  readonly jwtSecret?: string;
  /** Application services, which may log in as their users. Default: none. */
  readonly applicationServices?: readonly ApplicationService[];
  /** Accounts that are there from the start. Default: none. */
  readonly users?: readonly ({ readonly localpart: string; readonly password: string } & LoginNames)[];
  /** The part of a user id after the colon. Default `localhost`. */
  readonly serverName?: string;
  /** The port to listen on, on 127.0.0.1. Default 0: a free one. */
  readonly port?: number;
  /**
   * The clock that token lifetimes, rate limits and time stamps go by, in milliseconds since the epoch. Move it, and
   * tokens expire without waiting. The `timeout` of `/sync` goes by real time all the same. Default `Date.now`.
   */
  readonly now?: () => number;
}

export interface ResolvedOptions {
  readonly accessTokenLifetimeMs: number | null;
  readonly nonRefreshableLifetimeMs: number | null;
  readonly refreshTokenLifetimeMs: number | null;
  readonly loginRateLimit: RateLimit | null;
  readonly refreshRateLimit: RateLimit | null;
  readonly messageRateLimit: RateLimit | null;
  readonly consumeRefreshTokenAtOnce: boolean;
  readonly softLogoutOnExpiry: boolean;
  readonly refreshTokenReturned: boolean;
  readonly oauth: ResolvedOAuth | null;
  readonly loginTokens: boolean;
  readonly jwtSecret: string | null;
  readonly applicationServices: readonly ApplicationService[];
  readonly serverName: string;
  readonly now: () => number;
}

export function resolveOptions(options: TestHomeserverOptions): ResolvedOptions {
  const { oauth = false } = options;
  const delegated = oauth !== false;
  return {
    accessTokenLifetimeMs:
      options.accessTokenLifetimeMs === undefined ? 300_000 : options.accessTokenLifetimeMs,
    nonRefreshableLifetimeMs: options.nonRefreshableLifetimeMs ?? null,
    refreshTokenLifetimeMs: options.refreshTokenLifetimeMs ?? null,
    loginRateLimit: options.loginRateLimit ?? null,
    refreshRateLimit: options.refreshRateLimit ?? null,
    messageRateLimit: options.messageRateLimit ?? null,
    consumeRefreshTokenAtOnce: options.consumeRefreshTokenAtOnce ?? delegated,
    softLogoutOnExpiry: options.softLogoutOnExpiry ?? !delegated,
    refreshTokenReturned: options.refreshTokenReturned ?? true,
    oauth: oauth === false ? null : resolveOAuth(oauth === true ? {} : oauth),
    loginTokens: options.loginTokens ?? false,
    jwtSecret: options.jwtSecret ?? null,
    applicationServices: options.applicationServices ?? [],
    serverName: options.serverName ?? 'localhost',
    now: options.now ?? Date.now,
  };
}
