import { forbidden, matrixError, unknownRefreshToken, unknownToken } from '../matrix-error.ts';
import type { ResolvedOptions } from '../options.ts';
import { invalidGrant } from '../oauth/oauth-error.ts';
import { isRefreshTokenString, newToken, type TokenKind } from './token-strings.ts';

/** What makes a session one of OAuth 2.0: who holds it, and what for. */
export interface OAuthGrant {
  readonly clientId: string;
  readonly scope: string;
}

export interface AccessToken {
  readonly token: string;
  readonly userId: string;
  readonly deviceId: string;
  /** `null`: a session of the API of before. */
  readonly oauth: OAuthGrant | null;
  /** Milliseconds since the epoch; `null`: no end. */
  validUntil: number | null;
  /** Whether a request was served with it: that ends the refresh token it came from. */
  used: boolean;
  /** Whether a request came with it, expired or not: it is in Synapse's cache then. */
  lookedUp: boolean;
  /**
   * Whether rotation took it away while it was in the cache. Such a token is good until it expires, whatever becomes
   * of its session: no logout reaches it.
   */
  cachedOnly: boolean;
}

interface RefreshToken {
  readonly token: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly oauth: OAuthGrant | null;
  readonly expiresAt: number | null;
  /** The access tokens issued with it. */
  access: AccessToken;
  /** The refresh token it was exchanged for. */
  next: RefreshToken | null;
  /** The refresh token it was issued for. */
  previous: RefreshToken | null;
}

type Session = Pick<RefreshToken, 'userId' | 'deviceId' | 'oauth'>;

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly expiresInMs?: number;
}

type SessionOptions = Pick<
  ResolvedOptions,
  | 'nonRefreshableLifetimeMs'
  | 'refreshTokenLifetimeMs'
  | 'consumeRefreshTokenAtOnce'
  | 'softLogoutOnExpiry'
  | 'refreshTokenReturned'
  | 'oauth'
  | 'now'
>;

/** Access and refresh tokens and the rules of their rotation (specification: `POST /refresh`; rules: Synapse). */
export class Sessions {
  /** Lifetime of access tokens with a refresh token. `null`: no refresh tokens here. */
  accessTokenLifetimeMs: number | null;
  readonly #options: SessionOptions;
  readonly #access = new Map<string, AccessToken>();
  readonly #refresh = new Map<string, RefreshToken>();

  constructor(accessTokenLifetimeMs: number | null, options: SessionOptions) {
    this.accessTokenLifetimeMs = accessTokenLifetimeMs;
    this.#options = options;
  }

  /** A new session on the device; earlier ones on it stay as they are. */
  open(userId: string, deviceId: string, refreshable: boolean): Tokens {
    if (!refreshable || this.accessTokenLifetimeMs === null) {
      const lifetime = this.#options.nonRefreshableLifetimeMs;
      const access = this.#issueAccess({ userId, deviceId, oauth: null }, lifetime);
      return { accessToken: access.token, ...(lifetime === null ? {} : { expiresInMs: lifetime }) };
    }
    const session = { userId, deviceId, oauth: null };
    return pairOf(this.#issueRefresh(session, this.accessTokenLifetimeMs, null), this.accessTokenLifetimeMs);
  }

  /** A new session of OAuth 2.0 on the device. */
  openOAuth(userId: string, deviceId: string, oauth: OAuthGrant): Tokens {
    const lifetime = this.accessTokenLifetimeMs ?? 300_000;
    return pairOf(this.#issueRefresh({ userId, deviceId, oauth }, lifetime, null), lifetime);
  }

  /** The session of a token, of either kind. */
  find(token: string): { readonly userId: string; readonly deviceId: string } | undefined {
    return this.#refresh.get(token) ?? this.#access.get(token);
  }

  /** Whether this is an access token of OAuth 2.0. */
  isOAuth(token: string): boolean {
    const oauth = this.#access.get(token)?.oauth ?? null;
    return oauth !== null;
  }

  /**
   * Rotation as matrix-authentication-service has it: the old access token ends at once, and a refresh token is good once
   * more until the pair that it was exchanged for has been used.
   * @throws MatrixError 400 `invalid_grant`
   */
  refreshOAuth(
    token: string,
    clientId: string,
  ): { session: { userId: string; deviceId: string; scope: string }; tokens: Tokens } {
    const lifetime = this.accessTokenLifetimeMs ?? 300_000;
    const current = this.#refresh.get(token);
    const { oauth } = current ?? {};
    if (current === undefined || oauth?.clientId !== clientId || this.#isExpired(current))
      throw invalidGrant();
    const { next } = current;
    if (next !== null && (next.access.used || next.next !== null)) throw invalidGrant();
    this.#access.delete(current.access.token);
    if (next !== null) this.#forget(next);
    if (current.previous !== null) this.#forget(current.previous);
    current.previous = null;
    current.next = this.#issueRefresh(current, lifetime, current);
    const { userId, deviceId } = current;
    return { session: { userId, deviceId, scope: oauth.scope }, tokens: pairOf(current.next, lifetime) };
  }

  /**
   * The session an access token stands for.
   * @throws MatrixError 401 `M_UNKNOWN_TOKEN` if it is unknown or, unless `allowExpired`, expired.
   */
  authenticate(token: string, allowExpired: boolean): AccessToken {
    const access = this.#access.get(token);
    if (access === undefined) {
      throw this.#options.softLogoutOnExpiry
        ? unknownToken('Invalid access token passed.', false)
        : unknownToken('Token is not active', false);
    }
    access.lookedUp = true;
    const expired = access.validUntil !== null && access.validUntil < this.#options.now();
    if (expired && !allowExpired) {
      throw this.#options.softLogoutOnExpiry
        ? unknownToken('Access token has expired', true)
        : unknownToken('Token is not active', false);
    }
    // Synapse stumbles where it would write down the first use of what is only in its cache.
    if (access.cachedOnly && !access.used)
      throw matrixError(404, 'M_UNKNOWN', 'No row found (access_tokens)');
    access.used = true;
    return access;
  }

  /** @throws MatrixError 401 or 403, by the rules of {@link TestHomeserverOptions.consumeRefreshTokenAtOnce}. */
  refresh(token: string): { session: { userId: string; deviceId: string }; tokens: Tokens } {
    const lifetime = this.accessTokenLifetimeMs ?? 0;
    const current = this.#options.consumeRefreshTokenAtOnce
      ? this.#findUnspent(token)
      : this.#findExchangeable(token);
    if (!this.#options.refreshTokenReturned) {
      current.access = this.#issueAccess(current, lifetime);
      return { session: current, tokens: { accessToken: current.access.token, expiresInMs: lifetime } };
    }
    const next = this.#issueRefresh(current, lifetime, current);
    if (this.#options.consumeRefreshTokenAtOnce) {
      this.#expire(current.access);
      this.#refresh.delete(current.token);
    } else {
      // An answer that was lost is asked for again: what it held is worth nothing now.
      if (current.next !== null) this.#drop(current.next);
      // Only the last two refresh tokens are kept.
      if (current.previous !== null) this.#drop(current.previous);
      current.previous = null;
    }
    current.next = next;
    return { session: current, tokens: pairOf(next, lifetime) };
  }

  /** Ends every session of the user, of one device if it is given. */
  end(userId: string, deviceId?: string): void {
    const ends = (session: { userId: string; deviceId: string }) =>
      session.userId === userId && (deviceId === undefined || session.deviceId === deviceId);
    for (const [token, access] of this.#access) {
      if (ends(access) && !access.cachedOnly) this.#access.delete(token);
    }
    for (const [token, refresh] of this.#refresh) if (ends(refresh)) this.#refresh.delete(token);
  }

  /** Every access token, of one user if it is given, is expired from now on. */
  expireAll(userId?: string): void {
    for (const access of this.#access.values()) {
      if (userId === undefined || access.userId === userId) this.#expire(access);
    }
  }

  #expire(access: AccessToken): void {
    access.validUntil = Math.min(access.validUntil ?? Number.POSITIVE_INFINITY, this.#options.now() - 1);
  }

  #issueAccess({ userId, deviceId, oauth }: Session, lifetimeMs: number | null): AccessToken {
    const access: AccessToken = {
      token: this.#newToken(oauth === null ? ['syt', 'mct'] : ['mat', 'mat'], userId),
      userId,
      deviceId,
      oauth,
      validUntil: lifetimeMs === null ? null : this.#options.now() + lifetimeMs,
      used: false,
      lookedUp: false,
      cachedOnly: false,
    };
    this.#access.set(access.token, access);
    return access;
  }

  #issueRefresh(session: Session, accessLifetimeMs: number, previous: RefreshToken | null): RefreshToken {
    const { userId, deviceId, oauth } = session;
    const lifetime = this.#options.refreshTokenLifetimeMs;
    const refresh: RefreshToken = {
      token: this.#newToken(oauth === null ? ['syr', 'mcr'] : ['mar', 'mar'], userId),
      userId,
      deviceId,
      oauth,
      expiresAt: lifetime === null ? null : this.#options.now() + lifetime,
      access: this.#issueAccess(session, accessLifetimeMs),
      next: null,
      previous,
    };
    this.#refresh.set(refresh.token, refresh);
    return refresh;
  }

  #newToken([own, delegated]: readonly [TokenKind, TokenKind], userId: string): string {
    return newToken(this.#options.oauth === null ? own : delegated, localpartOf(userId));
  }

  #findExchangeable(token: string): RefreshToken {
    if (!isRefreshTokenString(token)) throw unknownRefreshToken('invalid refresh token');
    const refresh = this.#refresh.get(token);
    if (refresh === undefined || refresh.oauth !== null)
      throw unknownRefreshToken('refresh token does not exist');
    if (refresh.next !== null && (refresh.next.access.used || refresh.next.next !== null)) {
      throw forbidden("refresh token isn't valid anymore");
    }
    if (this.#isExpired(refresh)) throw forbidden('The supplied refresh token has expired');
    return refresh;
  }

  #findUnspent(token: string): RefreshToken {
    const refresh = this.#refresh.get(token);
    if (refresh === undefined || refresh.oauth !== null || this.#isExpired(refresh))
      throw unknownRefreshToken('Invalid refresh token');
    return refresh;
  }

  #isExpired(refresh: RefreshToken): boolean {
    return refresh.expiresAt !== null && refresh.expiresAt < this.#options.now();
  }

  /** They were never issued. */
  #forget({ token, access }: RefreshToken): void {
    this.#refresh.delete(token);
    this.#access.delete(access.token);
  }

  /** Rotation takes a refresh token away, and the access token that came with it. */
  #drop({ token, access }: RefreshToken): void {
    this.#refresh.delete(token);
    access.cachedOnly = access.lookedUp;
    if (!access.lookedUp) this.#access.delete(access.token);
  }
}

function pairOf({ token, access }: RefreshToken, expiresInMs: number): Tokens {
  return { accessToken: access.token, refreshToken: token, expiresInMs };
}

function localpartOf(userId: string): string {
  return userId.slice(1, userId.indexOf(':'));
}
