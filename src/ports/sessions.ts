import type { Session } from '../machines/auth/index.ts';
import type { RenewalData } from './renewal.ts';
import type { Secret } from './secret.ts';

interface Extensible {
  /** What a newer version of this package added, as JSON. It is kept, and written back as it is. */
  readonly unknown?: Secret;
}

/** A session with its tokens, as a store keeps it. */
export interface StoredSession extends Extensible {
  readonly userId?: string;
  readonly deviceId?: string;
  /** Counts the tokens; a later one always has the higher number. */
  readonly generation: number;
  readonly accessToken: Secret;
  readonly refreshToken?: Secret;
  /** The refresh token that was spent for this pair, in case another holder's late refresh with it kills the pair. */
  readonly previous?: Secret;
  readonly obtainedAt: number;
  readonly expiresAt?: number;
  /** How it is renewed, see `Renewal`. Absent: by the refresh token of the Matrix specification. */
  readonly kind?: string;
  /** What its renewal has to know besides the refresh token. */
  readonly renewal?: RenewalData;
}

/** The session, and the device it belongs to. */
export interface SessionRecord extends Extensible {
  readonly session?: StoredSession;
  /** The device to log in on, decided before the first login. */
  readonly deviceId?: string;
  /** Short fingerprints of the given access tokens that were taken, with commas: for versions that know no {@link GivenRecord}. */
  readonly given?: string;
  /** Written by older versions; counts where there is no {@link LoginsRecord}. */
  readonly loginBudgetFullAt?: number;
  /** Written by older versions; counts where there is no {@link LoginsRecord}. */
  readonly loginNotBefore?: number;
  /** Written by older versions; counts where there is no {@link PositionRecord}. */
  readonly position?: string;
  /** Written by older versions, under a name of its own. */
  readonly leader?: { readonly holder: string; readonly beat: number };
}

/** How far the sync has come: the `since` of the next one. */
export interface PositionRecord extends Extensible {
  readonly position: string;
  /** When the answer with this position was handled, in ms since the epoch. */
  readonly at: number;
  /** A process goes on from here. Absent after it has ended by itself, with nothing begun beyond this position. */
  readonly open?: true;
}

/** Which of the processes that share the session leads, and how often it has shown that it lives. */
export interface LeaderRecord extends Extensible {
  /** Empty if nobody leads. */
  readonly holder: string;
  readonly beat: number;
  /** Who would like to lead in its place, where the lead is shared out evenly. */
  readonly wanted?: string;
  /** What the leader does, where others may compare it with what they would do. */
  readonly task?: string;
}

/** What logins have cost. Times are in ms since the epoch. */
export interface LoginsRecord extends Extensible {
  /** When the login budget is whole again; each login moves it on. */
  readonly budgetFullAt?: number;
  /** The homeserver wants no login before this time. */
  readonly notBefore?: number;
  /** Whom the homeserver signed in by which name, where that is not part of the user id. `name`: its SHA-256. */
  readonly names?: readonly { readonly name: string; readonly userId: string }[];
}

/** The access tokens given from outside that need not be tried again. */
export interface GivenRecord extends Extensible {
  /** SHA-256 of each, in hexadecimal; the latest is the last. */
  readonly fingerprints: readonly string[];
}

/** Sessions of this name were logged out. It stays when all else is deleted, so that others who use them learn of it. */
export interface LogoutRecord extends Extensible {
  /** All up to this generation; a later session has a higher one. */
  readonly generation: number;
}

/** A message that is to be sent. Times are in ms since the epoch. */
export interface QueuedMessage {
  /** The same for the same message: it is sent once. */
  readonly id: string;
  readonly roomId: string;
  /** The type of the event, such as `m.room.message`. */
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
  /** The content of the `m.room.encrypted` that is sent in its place. It is encrypted once, so that it can be known again. */
  readonly encrypted?: Readonly<Record<string, unknown>>;
  /** The transaction id of its request, the same each time. */
  readonly txnId: string;
  readonly at: number;
  readonly expiresAt: number;
  /** Whose message it is, where that was known. */
  readonly userId?: string;
}

/** What is to be sent, and what was sent last. */
export interface OutboxRecord extends Extensible {
  /** In the order in which they are to be sent. */
  readonly messages: readonly QueuedMessage[];
  /** Those delivered last whose ids the bot has chosen; the latest is the last. */
  readonly sent: readonly { readonly id: string; readonly eventId: string }[];
}

/** The kinds of records that a session has. Each is read and written by itself. */
export interface SessionRecords {
  readonly session: SessionRecord;
  readonly position: PositionRecord;
  readonly leader: LeaderRecord;
  readonly logins: LoginsRecord;
  readonly given: GivenRecord;
  readonly logout: LogoutRecord;
  readonly outbox: OutboxRecord;
}

export type RecordKind = keyof SessionRecords;

/** The new record, if it is to be written, and what came of it. */
export interface Change<K extends RecordKind, T> {
  readonly record?: SessionRecords[K];
  readonly result: T;
}

/** The right to exchange a session's refresh token, or to log in for it. */
export interface Claim {
  /**
   * Aborts when the claim was lost: its holder gave no sign of life for too long, or the store was away. Reading it
   * checks the claim anew.
   */
  readonly lost: AbortSignal;
  /** Gives the claim back. Never rejects; a second call does nothing. */
  release(): Promise<void>;
}

export interface ClaimOptions {
  /** How long to wait for another holder, in ms. */
  readonly waitAtMostMs: number;
  /** Ends the wait; the claim is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Where sessions live. A store knows nothing of Matrix: it keeps a few records for each name, changes one at a time, and
 * hands out a claim per name. `describeSessionStore` in `matrix-auth-machine/testing` holds a store to what is said here.
 */
export interface SessionStore {
  /**
   * The record as it was last written. Never waits for a claim.
   * @throws {SessionStoreError}
   */
  read<K extends RecordKind>(name: string, kind: K): Promise<SessionRecords[K] | undefined>;
  /**
   * Changes a record atomically over all processes, and resolves when the change is durable. `change` is synchronous and
   * may be run more than once; without `record` nothing is written, and if it throws, nothing is either. Never waits for a
   * claim.
   * @throws {SessionStoreError}
   */
  update<K extends RecordKind, T>(
    name: string,
    kind: K,
    change: (record: SessionRecords[K] | undefined) => Change<K, T>,
  ): Promise<T>;
  /**
   * Claims the session, over all processes. One holder at a time: a holder whose process dies is replaced at once, one
   * that hangs after a while. Rejects before anything was claimed if the store could not be written just now.
   * @throws {SessionStoreError} `permanent: false` if it is still held after `waitAtMostMs`
   */
  claim(name: string, options: ClaimOptions): Promise<Claim>;
  /** The names that have a session record. */
  list(): Promise<string[]>;
  /** Deletes all records of this name. A claim on it stays with its holder. */
  delete(name: string): Promise<void>;
  /** Calls `listener` when the session record may have changed. A hint: it may come late, twice or never. */
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
