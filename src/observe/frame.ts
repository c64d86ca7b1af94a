import type {
  AuthEmitted,
  AuthTag,
  ConnectOutcome,
  Endpoint,
  IdentifyOutcome,
  Meaning,
  RenewOutcome,
  RestoreOutcome,
  Warning,
} from '../machines/auth/index.ts';
import type { ProcessInfo } from './process-info.ts';
import type { AuthSnapshot } from './snapshot.ts';

/**
 * What may be seen of a session after one step of its machine: its snapshot, and what happened. A frame is copied
 * together field by field, and what is not named here cannot get out. No field ever holds a token or a password.
 */
export interface Frame extends AuthSnapshot {
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
  /** What the machine warned of, where it did. */
  readonly warnings?: readonly Warning['kind'][];
  /** What it left by this event, and how long it had been there, in ms. */
  readonly left?: { readonly detail: string; readonly afterMs: number };
  /** `usable`: requests may use the token; `live`: the client is up, too; `busy`; `needs-person`. */
  readonly tags: readonly AuthTag[];
  readonly counters: Counters;
  readonly durations: Durations;
  /** The homeserver's address, without a path; absent while it is not known. */
  readonly homeserver?: string;
  /** Where the bot runs. */
  readonly process: ProcessInfo;
}

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

/** Refusals by the endpoint and by what they mean. */
export type Refusals = { readonly [E in Endpoint]?: { readonly [M in Meaning]?: number } };

/** Counted since the observer began. */
export interface Counters {
  /** When the counting began, in ms since the epoch. */
  readonly since: number;
  /** New tokens by a refresh token. */
  readonly refreshes: number;
  /** New tokens by a login. */
  readonly logins: number;
  /** Tokens that another process had renewed. */
  readonly adoptions: number;
  /** Requests that were refused for their token. */
  readonly rejections: number;
  /** Refusals of any kind, those included. */
  readonly refusals: Refusals;
  /** Attempts that failed and were to be retried. */
  readonly troubles: number;
  /** How often the session was locked; and how often it failed. */
  readonly locks: number;
  readonly failures: number;
  readonly deviceChanges: number;
  /** Requests that wait for a token at this moment. */
  readonly held: number;
  /** Messages of others that the client was given; and messages of `send()` that were delivered. */
  readonly received: number;
  readonly delivered: number;
  /** Messages of `send()` that wait at this moment; and when the oldest of them was queued, in ms since the epoch. */
  readonly outgoing: number;
  readonly outgoingSince?: number;
}

export interface Durations {
  /** How long it took the last time to get a new token (by a refresh, a login or another process), in ms. */
  readonly refreshMs?: number;
  /** How long it took the last time to make the client live with a session, in ms. */
  readonly reconnectMs?: number;
  /** How long there was no usable token in all, in ms. */
  readonly withoutTokenMs: number;
}
