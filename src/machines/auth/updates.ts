import type { AuthContext } from './context.ts';
import { type FailureReason, failureOf } from './failures.ts';
import { rejectionText } from './rejections.ts';
import {
  arrivedExpired,
  breakerMs,
  diedEarly,
  IMPLAUSIBLE_IN_A_ROW,
  implausible,
  retryAt,
  shortLived,
} from './schedule.ts';
import type { Outcome } from './services.ts';
import type { Session } from './session.ts';

/** How the machine's memory changes: pure functions from what it remembers, and what it learnt, to what is new. */
export type Update = Partial<AuthContext>;

/** Nothing is wrong any more. */
export const cleared: Update = { failures: 0, notBefore: undefined, lastTrouble: undefined };

/** The outcomes of this kind. */
export type OutcomeOf<Kind extends Outcome['outcome']> = Extract<Outcome, { readonly outcome: Kind }>;

/** The stored session, or the given token: not issued in this run. */
export function restored(context: AuthContext, outcome: OutcomeOf<'restored' | 'empty'>): Update {
  const { session, canLogIn, canAuthorize = false, tokenGiven = false } = outcome;
  return {
    ...cleared,
    // A given token that could not be tried: the next try comes after a pause.
    ...(tokenGiven ? { failures: context.failures + 1 } : {}),
    session,
    canLogIn,
    canAuthorize,
    tokenGiven,
    verified: false,
    issuedThisRun: false,
    issuedByRefresh: false,
    confirmed: false,
    tokenDoubted: false,
    tokenDead: false,
    // A user id is stored once whoami has accepted a token, or a login has named it.
    everAccepted: context.everAccepted || session?.userId !== undefined,
    lifetimeTrusted: true,
    renewNotBefore: undefined,
    refreshRefused: false,
  };
}

/** A new token, by refresh. */
export function renewed(
  context: AuthContext,
  { outcome, session }: OutcomeOf<'renewed' | 'adopted'>,
): Update {
  const issuedThisRun = outcome === 'renewed';
  return {
    ...cleared,
    ...withNewToken(context, session),
    ...(issuedThisRun ? withLifetime(context, session) : {}),
    issuedThisRun,
    issuedByRefresh: issuedThisRun,
  };
}

/** A new token, by login: another session, so it has to be verified again. */
export function loggedIn(context: AuthContext, outcome: OutcomeOf<'renewed' | 'adopted'>): Update {
  const { ways } = { ways: undefined, ...outcome };
  return {
    ...renewed(context, outcome),
    ...(ways && { canLogIn: ways.canLogIn, canAuthorize: ways.canAuthorize ?? false }),
    issuedByRefresh: false,
    verified: false,
    loginRefused: undefined,
  };
}

/** A session that another process has renewed: it is verified again only if its device is another one. */
export function adopted(context: AuthContext, session: Session): Update {
  return {
    ...cleared,
    ...withNewToken(context, session),
    issuedThisRun: false,
    issuedByRefresh: false,
    failureReason: undefined,
  };
}

function withNewToken(context: AuthContext, session: Session): Update {
  const changed = deviceChange(context, session.deviceId) !== undefined;
  return {
    session,
    confirmed: false,
    tokenDoubted: false,
    tokenDead: false,
    refreshRefused: false,
    lifetimeTrusted: true,
    renewNotBefore: undefined,
    replaceClient: context.replaceClient || changed,
    verified: context.verified && !changed,
  };
}

/**
 * Whether the lifetime of a token that has just come can be planned with. One that has expired on arrival, or will
 * before it could be renewed again, is used all the same, since the homeserver may know better; its renewal waits as
 * the breaker does. Lifetimes that stay too short to be true are not planned with at all.
 */
function withLifetime({ shortLifetimes, schedule }: AuthContext, session: Session): Update {
  const now = Date.now();
  const expired = arrivedExpired(session, now);
  if (!expired && !implausible(session)) return { shortLifetimes: 0 };
  const count = shortLifetimes + 1;
  if (count >= IMPLAUSIBLE_IN_A_ROW && implausible(session)) {
    return { shortLifetimes: count, lifetimeTrusted: false };
  }
  if (!expired) return { shortLifetimes: count };
  return {
    shortLifetimes: count,
    lifetimeTrusted: false,
    renewNotBefore: now + breakerMs(count, schedule),
  };
}

/** From which device to which other; `undefined` where it is the same, or one of them is not known. */
export function deviceChange(
  { session }: AuthContext,
  to: string | undefined,
): { readonly from: string; readonly to: string } | undefined {
  const from = session?.deviceId;
  return from === undefined || to === undefined || from === to ? undefined : { from, to };
}

/** The device that an outcome or an event names, if it names one. */
export function deviceIn(
  news: OutcomeOf<'renewed' | 'adopted' | 'identified'> | SessionNews,
): string | undefined {
  return 'session' in news ? news.session.deviceId : news.deviceId;
}

export interface SessionNews {
  readonly session: Session;
}

/** What `whoami` said. It also proves the token. */
export function identified(context: AuthContext, { userId, deviceId }: OutcomeOf<'identified'>): Update {
  return {
    ...cleared,
    ...accepted,
    session: context.session && {
      ...context.session,
      userId,
      ...(deviceId === undefined ? {} : { deviceId }),
    },
    verified: true,
    tokenDoubted: false,
    replaceClient: context.replaceClient || deviceChange(context, deviceId) !== undefined,
  };
}

/** The homeserver has accepted the token. */
export const accepted: Update = { confirmed: true, tokenDead: false, everAccepted: true, neverAccepted: 0 };

/** Why an attempt failed: trouble, a refusal, or an exception. */
export type FailedAttempt = OutcomeOf<'trouble' | 'refused'> | { readonly error: unknown };

/** One more attempt that failed. */
export function failedAttempt(context: AuthContext, cause: FailedAttempt): Update {
  return { failures: context.failures + 1, ...troubleOf(context, cause) };
}

function troubleOf(
  { schedule }: AuthContext,
  cause: FailedAttempt,
): Pick<AuthContext, 'lastTrouble' | 'notBefore'> {
  if ('error' in cause) return { lastTrouble: 'an unexpected error in a service', notBefore: undefined };
  if (cause.outcome === 'trouble') return { lastTrouble: cause.why, notBefore: cause.notBefore };
  return {
    lastTrouble: rejectionText(cause.rejection),
    notBefore: retryAt(cause.rejection, schedule, Date.now()),
  };
}

/** The current token was refused: is that one more that died early? */
export function tokenRejected({ session, earlyDeaths }: AuthContext): Update {
  return { earlyDeaths: diedEarly(session, Date.now()) ? earlyDeaths + 1 : 0 };
}

/** `whoami` has refused the current token. */
export function tokenDied(context: AuthContext): Update {
  const { issuedThisRun, confirmed, neverAccepted } = context;
  return {
    ...tokenRejected(context),
    tokenDoubted: false,
    tokenDead: true,
    neverAccepted: issuedThisRun && !confirmed ? neverAccepted + 1 : 0,
  };
}

/** A person, or new credentials, ask for a new beginning. */
export function reset(): Update {
  return {
    ...cleared,
    failureReason: undefined,
    refreshRefused: false,
    loginRefused: undefined,
    earlyDeaths: 0,
    neverAccepted: 0,
    breakerOpen: false,
    clientDeaths: 0,
  };
}

/** Why an outcome is the end: what cannot be used, or a refusal for good. */
export function failureIn(outcome: OutcomeOf<'unusable' | 'refused'>): FailureReason | undefined {
  return outcome.outcome === 'unusable' ? outcome.reason : failureOf(outcome.rejection);
}

/** Why there is no way left to get a token. */
export function exhausted(context: AuthContext): FailureReason {
  if (context.loginRefused !== undefined) return context.loginRefused;
  if (context.session === undefined) return 'no-credentials';
  return context.refreshRefused ? 'session-ended' : 'token-refused';
}

/** The client has ended by itself. One that ends soon after its start is not started again at once for ever. */
export function clientDied({ connectedAt, clientDeaths }: AuthContext): Update {
  const early = shortLived(connectedAt, Date.now());
  return { replaceClient: true, clientDeaths: early ? clientDeaths + 1 : 0 };
}
