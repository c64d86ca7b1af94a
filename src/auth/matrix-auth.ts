import type { ActorRefFrom } from 'xstate';
import type { CredentialOptions } from '../adapters/credentials/index.ts';
import type { SendOptions, Sent } from '../adapters/outbox/index.ts';
import type { authMachine } from '../machines/auth/index.ts';
import type { MatrixAuthEvents } from './events.ts';
import type { AuthSnapshot } from '../observe/index.ts';
import type { SignIn } from '../ports/index.ts';

/** A session that keeps itself signed in. Its methods can be taken off it, as in `process.once('SIGTERM', auth.stop)`. */
export interface MatrixAuth<Client> {
  /**
   * Signs in: with the stored session, the given token, or a login. Resolves with the client when it is signed in and
   * synced. It waits out network trouble, rate limits and a lock. After a failure it may be called again.
   * @throws {AuthFailedError} when only a person can help; {@link AuthStoppedError} when it is stopped meanwhile
   */
  start(): Promise<Client>;
  /**
   * Stops the client and everything else; a refresh that is under way is finished and written first, if that takes no
   * longer than `stopTimeoutMs`. Requests that wait are rejected with {@link AuthStoppedError}; the client's requests that
   * are on their way are aborted, although the homeserver may have executed them. The session stays valid: it is no logout.
   */
  stop(): Promise<void>;
  /**
   * Ends the session for good: stops, logs out at the homeserver, which deletes the device, and deletes what is stored.
   * @throws {LogoutFailedError} if the homeserver did not take the logout; what is stored is deleted all the same
   */
  logout(): Promise<void>;
  /**
   * Runs `work` with the live client. If it throws a token error, it is run again from its start once the token was
   * renewed. For clients whose requests do not go through {@link MatrixAuth.fetch}; those that do need it only to wait
   * until a replaced client is there.
   * @param options.signal ends the wait; work that has begun is not interrupted by it, and not run again after it
   * @throws whatever `work` throws; the signal's reason; {@link AuthFailedError}; {@link AuthStoppedError};
   *   {@link RequestHeldTooLongError}
   */
  run<T>(work: (client: Client) => T | Promise<T>, options?: { readonly signal?: AbortSignal }): Promise<T>;
  /** {@link MatrixAuth.run} as a wrapper: the same function, that survives the expiry of the token. */
  withTokenRefresh<Args extends readonly unknown[], T>(
    work: (...args: Args) => T | Promise<T>,
  ): (...args: Args) => Promise<T>;
  /**
   * `fetch` with the session's token: for this homeserver's authenticated endpoints and for nothing else. While there
   * is no usable token the request waits; if it is refused for its token it is repeated with the next one.
   * @throws as `fetch` does; {@link RequestHeldTooLongError}; {@link TooManyRequestsHeldError}; {@link AuthFailedError};
   *   {@link AuthStoppedError}
   */
  readonly fetch: typeof globalThis.fetch;
  /**
   * Sends a message once, whatever happens meanwhile: it waits while there is no session, no network, or too many messages
   * for the homeserver, and is repeated with the same transaction id until the homeserver has it. Messages of one room keep
   * their order. With a session store that lasts, a later process sends what this one could not.
   * Resolves when the homeserver has it. Whoever does not wait for that is told by the event `outgoing`.
   * @throws {MessageRefusedError}; {@link MessageExpiredError}; {@link OutboxFullError}; {@link AuthStoppedError} when the
   *   session is stopped before; a `TypeError` if the content is not JSON
   */
  send(roomId: string, content: Readonly<Record<string, unknown>>, options?: SendOptions): Promise<Sent>;
  /** The access token, when there is one that may be used. For SDKs that take nothing else; do not keep it. */
  accessToken(): Promise<string>;
  /**
   * Gets a new token now, while the old one still works. Resolves when it is in use.
   * @throws {CannotRenewError} if there is nothing to get one with; {@link AuthFailedError}; {@link AuthStoppedError}
   */
  refresh(): Promise<void>;
  /** Does at once what it would do later: asks again, without waiting for the back-off, the lock, or a person. */
  retry(): void;
  /**
   * New credentials, or new ways to sign in, in place of those given before. They are kept in this process only; the
   * machine is told no more than that there are some. A session that has failed begins anew with them.
   * @throws {CredentialsError} if they are incomplete
   */
  provideCredentials(options: CredentialOptions | SignIn | readonly SignIn[]): void;
  /** Calls `handler` for each event of this type. Returns a function that ends it. */
  on<Type extends keyof MatrixAuthEvents>(
    type: Type,
    handler: (event: MatrixAuthEvents[Type]) => void,
  ): () => void;
  /** Calls `handler` now and after each change of state. Returns a function that ends it. */
  subscribe(handler: (snapshot: AuthSnapshot) => void): () => void;
  /** The state now. It holds no secret. */
  snapshot(): AuthSnapshot;
  /** The homeserver's base URL, without a trailing slash; `undefined` while it is not known yet. */
  readonly homeserver: string | undefined;
  /** How many requests wait for a usable token now. */
  readonly held: number;
  /** How many messages of {@link MatrixAuth.send} wait, when the oldest of them was queued (ms since the epoch), and how many have been delivered. */
  readonly outgoing: {
    readonly length: number;
    readonly oldestAt: number | undefined;
    readonly delivered: number;
  };
  /** How many messages of others the client has been given. */
  readonly received: number;
  /** The live client; `undefined` before the first one is there. */
  readonly client: Client | undefined;
  /** The XState actor of the machine. */
  readonly actor: ActorRefFrom<typeof authMachine>;
}
