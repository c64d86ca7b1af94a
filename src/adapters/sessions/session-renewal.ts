import { meaningOf, type Rejection } from '../../machines/auth/index.ts';
import {
  type Answer,
  Secret,
  type SessionStoreError,
  type StoredSession,
  type TokenGrant,
} from '../../ports/index.ts';

/** What came of an attempt to get a new token. */
export type KeeperResult =
  | { readonly kind: 'adopted'; readonly session: StoredSession }
  /** `unpersisted`: it is not stored yet. That is said of the first such session, until one is stored. */
  | { readonly kind: 'renewed'; readonly session: StoredSession; readonly unpersisted?: true }
  | { readonly kind: 'refused'; readonly rejection: Rejection }
  /** By another process. */
  | { readonly kind: 'logged-out' }
  | StoreFailure;

/** The store could not do its work. `trouble` may pass. */
export type StoreFailure =
  | {
      readonly kind: 'trouble';
      readonly why: string;
      /** Of trouble that is not the store's. */
      readonly code?: 'login-budget-spent' | 'rate-limited';
      readonly notBefore?: number;
    }
  | { readonly kind: 'unusable'; readonly error: SessionStoreError };

interface ExchangeOptions {
  /** The session that the token is of. */
  readonly session: StoredSession;
  /** Aborts when the keeper is closed. */
  readonly signal: AbortSignal;
}

/** Exchanges a refresh token for a new pair. */
export type Exchange = (refreshToken: Secret, options: ExchangeOptions) => Promise<Answer<TokenGrant>>;

/** The session after its refresh token was exchanged, or the refusal. */
export async function exchangeSession(
  session: StoredSession | undefined,
  exchange: Exchange,
  signal: AbortSignal,
): Promise<Extract<KeeperResult, { kind: 'renewed' | 'refused' }>> {
  if (session?.refreshToken === undefined) return gone;
  let spent = session.refreshToken;
  const { previous } = session;
  let answer = await exchange(spent, { session, signal });
  // A late refresh of another holder may have replaced this pair by one that nobody has used: `previous` gets the next.
  if (!answer.ok && previous !== undefined && meaningOf(answer.rejection) === 'refresh-dead') {
    spent = previous;
    answer = await exchange(spent, { session, signal });
  }
  if (!answer.ok) return { kind: 'refused', rejection: answer.rejection };
  return {
    kind: 'renewed',
    session: renewedSession(session, answer.value, session.generation + 1, spent),
  };
}

/** The stored session went away, or lost its refresh token: nothing to exchange. */
const gone = {
  kind: 'refused',
  rejection: { endpoint: 'refresh', status: 401, errcode: 'M_UNKNOWN_TOKEN' },
} as const;

/**
 * The session after a grant of new tokens.
 * @param spent the refresh token that was exchanged for them; `undefined` after a login
 */
export function renewedSession(
  before: StoredSession | undefined,
  grant: TokenGrant,
  generation: number,
  spent: Secret | undefined,
): StoredSession {
  const userId = grant.userId ?? before?.userId;
  const deviceId = grant.deviceId ?? before?.deviceId;
  // Without a new refresh token in the answer, the old one can be used again (specification, POST /refresh).
  const refreshToken = grant.refreshToken ?? spent;
  // A sign-in begins another session; a renewal goes on with the same one.
  const sameSession = spent === undefined ? undefined : before;
  const kind = grant.kind ?? sameSession?.kind;
  const renewal = grant.renewal ?? sameSession?.renewal;
  return {
    ...(userId === undefined ? {} : { userId }),
    ...(deviceId === undefined ? {} : { deviceId }),
    generation,
    accessToken: grant.accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(spent === undefined || grant.refreshToken === undefined ? {} : { previous: spent }),
    obtainedAt: grant.sentAt,
    ...(grant.expiresInMs === undefined ? {} : { expiresAt: grant.sentAt + grant.expiresInMs }),
    ...(kind === undefined ? {} : { kind }),
    ...(renewal === undefined ? {} : { renewal }),
    // Whatever a newer version knows of it.
    ...(sameSession?.unknown === undefined ? {} : { unknown: sameSession.unknown }),
  };
}

/** A client may hold on to a token for a while after it was replaced, but not for ever. */
const REMEMBERED = 32;

const none: readonly Secret[] = [];

/** The session that a process uses, and which tokens it used a while ago. */
export class CurrentSession {
  /** The tokens before the one in use, the latest last. */
  #before: readonly Secret[] = none;
  #session: StoredSession | undefined;

  get session(): StoredSession | undefined {
    return this.#session;
  }

  use(session: StoredSession | undefined): void {
    const before = this.#session?.accessToken;
    this.#session = session;
    if (before === undefined || session?.accessToken.equals(before) === true) return;
    const others = this.#before.filter((one) => !one.equals(before));
    this.#before = [...others, before].slice(1 - REMEMBERED);
  }

  /** Whether this is a token of this session, of now or of the recent past. */
  isOurs(bearer: string): boolean {
    if (this.#session?.accessToken.reveal() === bearer) return true;
    const given = new Secret(bearer);
    return this.#before.some((token) => token.equals(given));
  }
}
