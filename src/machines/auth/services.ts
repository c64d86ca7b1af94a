import { fromPromise } from 'xstate';
import type { FailureReason } from './failures.ts';
import type { Rejection } from './rejections.ts';
import type { Session } from './session.ts';

/**
 * What the machine asks of the outside: its invoked services, as types. Each is a promise that resolves to an
 * outcome; a refusal is an outcome, not an exception. A service that throws all the same is taken for trouble that
 * passes, so that no bug in an adapter signs a bot out; but for `connect`, which runs the bot's own code, and whose
 * exceptions are for a person to mend. No input and no output holds a secret.
 */

/** The service could not do its work now; the session is none the worse. */
export interface Trouble {
  readonly outcome: 'trouble';
  /** In words without a secret, for logs and the live page. */
  readonly why: string;
  /** Ask not before this time (ms since the epoch), if the service knows. */
  readonly notBefore?: number;
  /** What it is, for the documentation. */
  readonly code?: string;
}

/** The homeserver said no. The machine looks up what that means. */
export interface Refused {
  readonly outcome: 'refused';
  readonly rejection: Rejection;
  /** Of a sign-in: another way is left, and is tried next. */
  readonly waysLeft?: true;
  /** With `waysLeft`: whether one of them needs no person. Default: as before. */
  readonly canLogIn?: boolean;
}

/** The ways to sign in that there are. */
export interface Ways {
  /** Without a person. */
  readonly canLogIn: boolean;
  /** With a person. Default false. */
  readonly canAuthorize?: boolean | undefined;
  /** There is a given token that could not be tried yet. Default false. */
  readonly tokenGiven?: boolean | undefined;
}

/** Why the given access token was not taken in place of the stored session. */
export type GivenToken = 'refused' | 'someone-else' | undefined;

export type RestoreOutcome =
  /** There is a session: stored, or given as an access token. */
  | ({ readonly outcome: 'restored'; readonly session: Session; readonly givenToken?: GivenToken } & Ways)
  /** There is none yet. */
  | ({ readonly outcome: 'empty'; readonly session?: undefined } & Ways)
  /** What is stored cannot be used, and asking again will not change that. */
  | { readonly outcome: 'unusable'; readonly reason: FailureReason }
  | Trouble;

export type RenewOutcome =
  /** A new token, durably stored; or `unpersisted`, which is said once, until one is stored again. */
  | {
      readonly outcome: 'renewed';
      readonly session: Session;
      readonly unpersisted?: boolean | undefined;
      /** Of a sign-in: the ways that are left after it, since some are good for once. Default: as before. */
      readonly ways?: Ways | undefined;
    }
  /** Another process had renewed it already; no request was sent. */
  | { readonly outcome: 'adopted'; readonly session: Session }
  | Refused
  /** What is stored cannot be used, and asking again will not change that. */
  | { readonly outcome: 'unusable'; readonly reason: FailureReason }
  | Trouble;

export type IdentifyOutcome =
  | { readonly outcome: 'identified'; readonly userId: string; readonly deviceId?: string }
  /** The token is another user's than the stored session's or the configured one. */
  | { readonly outcome: 'someone-else' }
  | Refused
  /** What is stored cannot be used, and asking again will not change that. */
  | { readonly outcome: 'unusable'; readonly reason: FailureReason }
  | Trouble;

export type ConnectOutcome =
  /** `generation`: that of the token which the client was given. A newer one is given to it at once. */
  | { readonly outcome: 'connected'; readonly generation?: number }
  /** The client cannot be made: the bot's own code threw, or an option is wrong. */
  | { readonly outcome: 'unusable'; readonly reason: FailureReason }
  /** Not now, such as while the store that has its position is away. */
  | Trouble;

/** What any of the services may resolve to. */
export type Outcome = RestoreOutcome | RenewOutcome | IdentifyOutcome | ConnectOutcome;

/** What a service is told of its attempt. */
export interface Attempt {
  /** The generation in use, 0 where there is none. */
  readonly generation: number;
  /** Attempts in a row that failed before this one: see `requestTimeoutMs`. */
  readonly failures: number;
}

const placeholder = (name: string) => () => {
  throw new Error(
    `The service "${name}" is a placeholder. Give the machine its services with authMachine.provide({ actors: … }), or use createMatrixAuth().`,
  );
};

export const services = {
  /** Read the stored session, or take the token that was given. */
  restore: fromPromise<RestoreOutcome>(placeholder('restore')),
  /** Exchange the refresh token, or adopt what another process has exchanged. `generation` is the one to replace. */
  exchange: fromPromise<RenewOutcome, Attempt>(placeholder('exchange')),
  /** Sign in without a person, on the stored device. `generation` is the one to replace, 0 where there is none. */
  logIn: fromPromise<RenewOutcome, Attempt>(placeholder('logIn')),
  /** Sign in with a person's approval, and wait for it. */
  authorize: fromPromise<RenewOutcome, Attempt>(placeholder('authorize')),
  /** Ask the homeserver whose token this is (`whoami`). */
  identify: fromPromise<IdentifyOutcome, Attempt>(placeholder('identify')),
  /**
   * Make the client live with the current token: in place if it can, by replacing it if `replace` is set. The machine
   * leaves `connecting` when the token has to be renewed, and comes back: join the attempt that is under way then.
   */
  connect: fromPromise<ConnectOutcome, Attempt & { readonly replace: boolean }>(placeholder('connect')),
};
