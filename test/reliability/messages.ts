import type { MatrixAuthOptions, Schedule } from '../../src/index.ts';
import type { Place } from './place.ts';

/**
 * Where a bot stops, once, in its first rotation, until it is told to go on or killed:
 * - `locked`: it holds the session, and has not sent the request.
 * - `answered`: the answer is there, and nothing is written.
 * - `written`: the new tokens are in the store, and nobody has used them.
 * - `used`: they were used.
 */
export type Stop = 'locked' | 'answered' | 'written' | 'used';

/** What a bot is told at its start. */
export interface BotConfig {
  readonly homeserver: string;
  readonly place: Place;
  /** Default: none, so that all it has is the session in the store. */
  readonly login?: { readonly username: string; readonly password: string };
  readonly stopAt?: Stop;
  /** What its clock is off by, in ms. Default 0. */
  readonly clockOffMs?: number;
  /** The pause between two requests, in ms. Default 50. */
  readonly pauseMs?: number;
  readonly schedule?: Partial<Schedule>;
  readonly onStoreDown?: NonNullable<MatrixAuthOptions['onStoreDown']>;
  readonly requestTimeoutMs?: number;
  /** It has a client of matrix-js-sdk, which syncs. Default false. */
  readonly syncs?: boolean;
}

export type ToBot =
  | { readonly type: 'go'; readonly config: BotConfig }
  /** Go on from where it stopped. */
  | { readonly type: 'go-on' }
  /** Set its clock, by so many ms off the real one. */
  | { readonly type: 'clock'; readonly offMs: number }
  /** Stop as a bot should. */
  | { readonly type: 'stop' };

/** How a bot came by a session. */
export type Origin = 'refreshed' | 'adopted' | 'logged-in';

export type FromBot =
  | { readonly type: 'ready' }
  | { readonly type: 'stopped-at'; readonly stop: Stop }
  | {
      readonly type: 'state';
      readonly detail: string;
      readonly generation: number;
      readonly trouble?: string;
      readonly reason?: string;
    }
  | {
      readonly type: 'session';
      readonly origin: Origin;
      readonly generation: number;
      readonly fingerprint: string;
      readonly obtainedAt: number;
      /** When it came, by the machine's monotonic clock, which all processes share, in ms. */
      readonly at: number;
    }
  | { readonly type: 'warning'; readonly kind: string }
  /** `start()` has resolved. */
  | { readonly type: 'signed-in' }
  /** `start()` has rejected, or there was nothing to start. */
  | { readonly type: 'start-failed'; readonly why: string }
  /** The answer to a request of the bot's own; 0 and why, if there was none. */
  | { readonly type: 'answer'; readonly status: number; readonly why?: string };
