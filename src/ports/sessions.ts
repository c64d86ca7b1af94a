import type { Session } from '../machines/auth/index.ts';
import type { Secret } from './secret.ts';

/** A session with its tokens, as a store keeps it. */
export interface StoredSession {
  readonly userId?: string;
  readonly deviceId?: string;
  /** Counts the tokens; a later one always has the higher number. */
  readonly generation: number;
  readonly accessToken: Secret;
  readonly refreshToken?: Secret;
  /** The refresh token that was spent for this pair. Kept until the pair is proven, in case it never worked. */
  readonly previous?: Secret;
  readonly obtainedAt: number;
  readonly expiresAt?: number;
}

/** Everything that is stored under one name. */
export interface SessionRecord {
  readonly session?: StoredSession;
  /** The device to log in on, decided before the first login. */
  readonly deviceId?: string;
  /** Fingerprints of the access tokens that were given from outside and taken, so that each is taken once; commas between them. */
  readonly given?: string;
  /** When the login budget is whole again, in ms since the epoch; each login moves it on. */
  readonly loginBudgetFullAt?: number;
  /** How far the sync has come: the `since` of the next one. */
  readonly position?: string;
  /** Which of the processes that share the session leads, and how often it has shown that it lives. */
  readonly leader?: { readonly holder: string; readonly beat: number };
  /** The homeserver wants no login before this time (ms since the epoch). */
  readonly loginNotBefore?: number;
}

/**
 * Where sessions live. A store knows nothing of Matrix: it keeps one record per name, and lets one holder at a time
 * change it. That is all the rotation needs to be safe, be it in one process, on one machine or on many.
 */
export interface SessionStore {
  /** The record as it is, without waiting for whoever is changing it. */
  read(name: string): Promise<SessionRecord | undefined>;
  /**
   * Runs `work` while holding the record exclusively, over every process that uses the store, and durably writes what
   * it returns as `record` before the promise resolves. Without `record` nothing is written. If `work` throws, or its
   * process dies, nothing is written and the record is free again. `work` may take as long as an HTTP request.
   * @throws {SessionStoreError}
   */
  transact<T>(
    name: string,
    work: (
      record: SessionRecord | undefined,
    ) => Promise<{ readonly record?: SessionRecord; readonly result: T }>,
  ): Promise<T>;
  /** The names that have a record. */
  list(): Promise<string[]>;
  delete(name: string): Promise<void>;
  /** Calls `listener` when another holder may have changed the record. A hint: it may come late, twice or never. */
  watch?(name: string, listener: () => void): () => void;
  /** Frees what the store holds. It is not used afterwards. */
  close(): Promise<void>;
}

/** A store that could not do its work. The message says what to do about it, and holds no secret. */
export class SessionStoreError extends Error {
  override readonly name = 'SessionStoreError';
  /** Asking again will not help: a wrong key, a damaged file, a row from a newer version. */
  readonly permanent: boolean;

  constructor(message: string, options: { readonly permanent: boolean; readonly cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.permanent = options.permanent;
  }
}

/** What may be seen of a stored session. */
export function viewOf(stored: StoredSession): Session {
  const { userId, deviceId, generation, accessToken, refreshToken, obtainedAt, expiresAt } = stored;
  return {
    ...(userId === undefined ? {} : { userId }),
    ...(deviceId === undefined ? {} : { deviceId }),
    generation,
    fingerprint: accessToken.fingerprint(),
    obtainedAt,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    refreshable: refreshToken !== undefined,
  };
}
