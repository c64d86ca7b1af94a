import type { Secret } from './secret.ts';

/** The session that a client is to live with. */
export interface ClientSession {
  readonly homeserverUrl: string;
  readonly userId: string;
  readonly deviceId: string | undefined;
  readonly accessToken: Secret;
  /** Changes when the session is another one of the same device: the homeserver may have forgotten what the device had there. */
  readonly signIn?: number | undefined;
  /** The only way to the homeserver: it carries the current token, and repeats what a dead one was refused for. */
  readonly fetch: typeof globalThis.fetch;
  /** How far the sync has come, kept with the session: a later start, or another process, goes on from there. */
  readonly position: ClientPosition;
  /** The sync has brought something. */
  readonly onProgress?: () => void;
  /** A message of somebody else has come. */
  readonly onMessage?: () => void;
  /** The client can no longer sync, and needs to be replaced. */
  readonly onDied: () => void;
  /** The client brings nothing, and tries again by itself; or the bot's own code has failed. For the log. */
  readonly onTrouble?: (trouble: ClientTrouble) => void;
}

/** How far the sync has come, kept with the session. */
export interface ClientPosition {
  /**
   * Where an earlier process has stopped, if any has. From now on that counts as interrupted, until {@link close}.
   * @throws {SessionStoreError}
   */
  open(): Promise<StoredPosition | undefined>;
  /** Stores the first position. @throws {SessionStoreError} */
  begin(position: string): Promise<void>;
  /**
   * Everything up to here was handled; with `settled`, nothing beyond it was begun. Returns at once: the write happens behind the
   * client's back, and only the newest counts.
   */
  save(position: string, settled: boolean): void;
  /** Nothing beyond the position that was saved last has been begun. Never rejects: a store that is away is not told. */
  close(): Promise<void>;
}

export interface StoredPosition {
  /** The `since` of the next sync. */
  readonly since: string;
  /** The process of that time did not end by itself: what came after may have been handled already. */
  readonly interrupted: boolean;
}

/** What a client has to tell. Holds no secret of this module. */
export type ClientTrouble = SyncTrouble | HandlerTrouble | CryptoTrouble;

/** Why a client cannot read what is encrypted, or will not be able to later. */
export interface CryptoTrouble {
  /**
   * `encryption-unavailable`: it has no keys at all. `encryption-not-kept`: it has, and they end with the process.
   * `crypto-store-away`: they cannot be written, and the client waits. `undecryptable`: the key of a message is missing.
   */
  readonly code: 'encryption-unavailable' | 'encryption-not-kept' | 'crypto-store-away' | 'undecryptable';
  /** What happened, as a phrase that begins with its subject. */
  readonly what: string;
  /** Of what it is told where there may be several at once. */
  readonly about?: string;
}

/** A handler of the bot has failed, or holds up what comes after in its room. */
export interface HandlerTrouble {
  readonly code: 'handler-failed' | 'handler-slow';
  /** Empty for what belongs to no room. */
  readonly roomId: string;
  /** The SDK's name of what happened, such as `room.message`. */
  readonly type: string;
  readonly eventId?: string | undefined;
  /** `handler-failed`: what it threw. */
  readonly error?: unknown;
  /** `handler-slow`: how long it was waited for. */
  readonly heldMs?: number;
}

/** Why a client brings nothing. */
export interface SyncTrouble {
  /**
   * `sync-refused`: the homeserver answers `/sync` with the same 4xx again and again.
   * `sync-slow`: `/sync` has brought nothing for ten seconds or more; `status` or `why` say what the last try met, if
   * any has ended.
   */
  readonly code: 'sync-refused' | 'sync-slow';
  /** It is the initial sync, which `start()` waits for. */
  readonly initial: boolean;
  /** How long it has lasted. */
  readonly sinceMs: number;
  /** How many requests have failed since then. */
  readonly attempts: number;
  /** The HTTP status of the last answer. */
  readonly status?: number;
  /** The `errcode` of the last answer. */
  readonly errcode?: string;
  /** Why there was no answer, such as `ECONNREFUSED`. */
  readonly why?: string;
}

export interface ConnectOptions {
  /** Replace the client, even if it could go on. */
  readonly replace: boolean;
  /** Do not sync: another process does. The client is there to be used, and delivers nothing. */
  readonly passive: boolean;
  /** The attempt is given up. */
  readonly signal: AbortSignal;
}

/** An SDK's client, as far as a session concerns it. */
export interface ClientPort<Client> {
  /**
   * Makes a client live with this session, and resolves once it is synced. A client that lives already is given the
   * new token where it stands, unless `replace` asks for a new one or it cannot go on.
   * @throws whatever the bot's own code throws while it sets up the client
   */
  connect(session: ClientSession, options: ConnectOptions): Promise<void>;
  /** The live client; `undefined` before the first `connect`. */
  readonly client: Client | undefined;
  /**
   * Encrypts what is to be sent to an encrypted room. `undefined`, or no such method: the client has no keys.
   * @throws what the client throws if it cannot do it now
   */
  encrypt?(
    roomId: string,
    type: string,
    content: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** There is no session to live with for now: send nothing, and keep everything for the next `connect`. */
  suspend(): Promise<void>;
  /** Ends the client for good, and resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}
