import type { InspectionEvent } from 'xstate';
import type { OutboxLimits } from '../adapters/outbox/index.ts';
import type { LoginBudget } from '../adapters/sessions/index.ts';
import type { Schedule } from '../machines/auth/index.ts';
import type { ClientPort, SessionStore } from '../ports/index.ts';
import type { Fleet } from './fleet/index.ts';
import type { SignInOptions } from './sign-in-ladder.ts';

/** Where messages for people go. `console` fits. */
export interface Logger {
  warn(message: string): void;
  error(message: string): void;
  /** That the session is signed in, signed in again, stopped, or over its trouble. */
  info?(message: string): void;
  /** Each renewal. */
  debug?(message: string): void;
}

export interface MatrixAuthOptions<Client = undefined> {
  /**
   * The homeserver's base URL, or its server name, which is looked up by `.well-known` once at the start.
   * Default: the environment's `HOMESERVER_URL`.
   */
  readonly homeserver?: string | undefined;
  /**
   * What to sign in with: credentials, one way to sign in such as `password({ … })`, or an array of them. They are tried
   * in their order; one that the homeserver refuses is left for the next. Default: `credentialsFromEnv()`; with
   * `sessions`, the environment may also hold nothing at all, for a session that is stored already.
   */
  readonly credentials?: SignInOptions;
  /** Where the session is kept. Default: in memory, so that nothing is stored that nobody asked to store. */
  readonly sessions?: SessionStore;
  /**
   * What to do when the store is away, or held by somebody else for too long, and no token works any more. `wait`: requests
   * wait until the store is back. `use-unpersisted`: renew the session without it, with a warning, and write it later; if
   * the process ends before that, or others use the session too, that can sign them out. Default `wait`.
   */
  readonly onStoreDown?: 'wait' | 'use-unpersisted';
  /** The session's name in the store. Two bots with one store need two names. Default `default`. */
  readonly sessionName?: string;
  /** The client to keep signed in, such as `matrixJsSdk(…)`. Default: none; `auth.fetch` is there all the same. */
  readonly client?: ClientPort<Client>;
  /** Ask for a refresh token at login, and so for an access token that expires. Default true. */
  readonly refreshTokens?: boolean;
  /** The name of the device, shown to the user, when a login makes a new one. Default `matrix-auth-machine`. */
  readonly deviceDisplayName?: string;
  /**
   * Of the processes that share the session through the store, only one syncs; the others are ready to take over, and
   * `run` and `fetch` work in all of them. Default false: each process syncs for itself.
   */
  readonly leader?: boolean;
  /** How long a leader may go without a sign of life, in ms. Another takes over within three times this. Default 3,000. */
  readonly leaseMs?: number;
  /** The fleet that this session belongs to, see `createFleet`. Default: none; the session keeps its own time. */
  readonly fleet?: Fleet;
  /** When to refresh, and how long to wait after what. */
  readonly schedule?: Partial<Schedule>;
  /** How many logins may be tried. */
  readonly loginBudget?: Partial<LoginBudget>;
  /**
   * What `send()` queues: how many messages may wait (`maxMessages`, default 1,000), and for how long (`maxAgeMs`, default
   * an hour).
   */
  readonly outgoing?: Partial<OutboxLimits>;
  /** How many requests may wait for a token at once. Default 10,000. */
  readonly maxHeld?: number;
  /** How long a request may wait for a token, in ms, over all of its waits; the time on the wire does not count. Default 120,000. */
  readonly maxHeldMs?: number;
  /**
   * Time limit of a login, a refresh or a whoami, in ms. It doubles with each failure in a row, up to six times as much.
   * Default 10,000.
   */
  readonly requestTimeoutMs?: number;
  /** Time limit of `stop()`, in ms. What is not done by then is given up and logged. Default 5,000. */
  readonly stopTimeoutMs?: number;
  /** The `fetch` that everything goes through. Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch;
  /**
   * Where the session says what it does, and what troubles it or failed where nobody listens for that. `false`: nowhere.
   * Default: `console` without its `debug`, so that good news is on the standard output, trouble on the error output, and
   * a renewal is not told. `logger: console` tells of renewals, too.
   */
  readonly logger?: Logger | false;
  /** Passed on to XState. The machine holds no secret, so whatever it shows may be shown. */
  readonly inspect?: (event: InspectionEvent) => void;
}
