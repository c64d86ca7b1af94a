import type {
  AuthEmitted,
  AuthTag,
  ConnectOutcome,
  Endpoint,
  FailureReason,
  IdentifyOutcome,
  Meaning,
  Next,
  NextStep,
  RenewOutcome,
  RestoreOutcome,
  Warning,
} from '../machines/index.ts';

/**
 * What may be seen of a session at one moment. This is the whole list: a frame is copied together field by field, and
 * what is not named here cannot get out. No field ever holds a token or a password.
 */
export interface Frame {
  /** Counts the frames of one observer, from 1. */
  readonly seq: number;
  /** When, in ms since the epoch. */
  readonly at: number;
  /** The bot's name, as it was given to `observe`. */
  readonly bot: string;
  /**
   * What happened: an event of the machine (`token.rejected`, `retry`, …), a service's end (`exchange done`,
   * `connect error`), a delay that is over (`after renewalDue`), `start`, or `observed` where nothing has yet.
   */
  readonly event: string;
  /** How the service ended, where one did. */
  readonly outcome?: FrameOutcome;
  /** What the homeserver refused, where it did. */
  readonly refusal?: FrameRefusal;
  /** What the machine announced on the way. */
  readonly facts: readonly Fact[];
  readonly warning?: Warning['kind'];
  readonly state: FrameState;
  /** The whole state value, such as `refreshing.required.exchanging`. */
  readonly detail: string;
  /** When it came into this `detail`, in ms since the epoch. */
  readonly since: number;
  /** What it left by this event, and how long it had been there, in ms. */
  readonly left?: { readonly detail: string; readonly afterMs: number };
  /** `usable`: requests may use the token; `live`: the client is up, too; `busy`; `needs-person`. */
  readonly tags: readonly AuthTag[];
  /** In `failed`: why, and what to do about it. */
  readonly reason?: FailureReason;
  readonly advice?: string;
  /** Why the last attempt brought nothing. */
  readonly trouble?: string;
  /** What happens next by itself, and when (ms since the epoch). */
  readonly next?: Next;
  readonly userId?: string;
  readonly deviceId?: string;
  readonly generation?: number;
  /** Eight hexadecimal digits that tell this access token from others. */
  readonly fingerprint?: string;
  /** When the access token was asked for, and when it expires, in ms since the epoch. */
  readonly obtainedAt?: number;
  readonly expiresAt?: number;
  readonly counters: Counters;
  readonly durations: Durations;
}

export type FrameState =
  | 'restoring'
  | 'valid'
  | 'refreshing'
  | 'reconnecting'
  | 'locked'
  | 'failed'
  | 'stopped';

export type FrameOutcome = (RestoreOutcome | RenewOutcome | IdentifyOutcome | ConnectOutcome)['outcome'];

export interface FrameRefusal {
  readonly endpoint: Endpoint;
  /** The HTTP status; 0 where there was no answer. */
  readonly status: number;
  readonly errcode?: string;
  readonly meaning: Meaning;
}

/** What the machine announces: `refreshed`, `logged-in`, `adopted`, `device-changed`, `locked`, `failed`, `warning`. */
export type Fact = AuthEmitted['type'];

export type { NextStep };

/** Counted since the observer began. */
export interface Counters {
  /** New tokens by a refresh token. */
  readonly refreshes: number;
  /** New tokens by a login. */
  readonly logins: number;
  /** Tokens that another process had renewed. */
  readonly adoptions: number;
  /** Requests that were refused for their token. */
  readonly rejections: number;
  /** Refusals of any kind, those included, by what they mean. */
  readonly refusals: Readonly<Partial<Record<Meaning, number>>>;
  /** Attempts that brought nothing and were to be tried again. */
  readonly troubles: number;
  /** How often the session was locked; and how often it failed. */
  readonly locks: number;
  readonly failures: number;
  readonly deviceChanges: number;
  /** Requests that wait for a token at this moment. */
  readonly held: number;
}

export interface Durations {
  /** How long the last refresh (or login) took from its beginning to the new token, in ms. */
  readonly refreshMs?: number;
  /** How long it took the last time to make the client live with a session, in ms. */
  readonly reconnectMs?: number;
  /** How long there was no usable token, all in all, in ms. */
  readonly withoutTokenMs: number;
}
