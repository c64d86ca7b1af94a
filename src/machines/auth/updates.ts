import type { AuthContext, ClientFacts, TokenFacts } from './context.ts';
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

/** What else is known of the token. */
export function ofToken({ token }: AuthContext, facts: Partial<TokenFacts>): { readonly token: TokenFacts } {
  return { token: { ...token, ...facts } };
}

/** What else is known of the client. */
export function ofClient({ client }: AuthContext, facts: Partial<ClientFacts>): Update {
  return { client: { ...client, ...facts } };
}

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
    ...ofToken(context, {
      ...unknownToken,
      // A user id is stored once whoami has accepted a token, or a login has named it.
      everAccepted: context.token.everAccepted || session?.userId !== undefined,
    }),
  };
}

/** A new token, by refresh. */
export function renewed(
  context: AuthContext,
  { outcome, session }: OutcomeOf<'renewed' | 'adopted'>,
): Update & Pick<AuthContext, 'token'> {
  if (outcome === 'adopted') return withNewToken(context, session);
  const issued = { ...lifetimeFacts(context, session), issuedThisRun: true, issuedByRefresh: true };
  return withNewToken(context, session, issued);
}

/** A new token, by login: another session, so it has to be verified again. */
export function loggedIn(context: AuthContext, outcome: OutcomeOf<'renewed' | 'adopted'>): Update {
  const { ways } = { ways: undefined, ...outcome };
  const update = renewed(context, outcome);
  return {
    ...update,
    ...(ways && { canLogIn: ways.canLogIn, canAuthorize: ways.canAuthorize ?? false }),
    token: { ...update.token, issuedByRefresh: false },
    verified: false,
    loginRefused: undefined,
  };
}

/** A session that another process has renewed: it is verified again only if its device is another one. */
export function adopted(context: AuthContext, session: Session): Update {
  return { ...withNewToken(context, session), failureReason: undefined };
}

/** Nothing is known of a token yet. */
const unknownToken: Partial<TokenFacts> = {
  issuedThisRun: false,
  issuedByRefresh: false,
  confirmed: false,
  doubted: false,
  dead: false,
  refreshRefused: false,
  lifetimeTrusted: true,
  renewNotBefore: undefined,
};

function withNewToken(context: AuthContext, session: Session, facts: Partial<TokenFacts> = {}) {
  const changed = deviceChange(context, session.deviceId) !== undefined;
  return {
    ...cleared,
    session,
    ...ofToken(context, { ...unknownToken, ...facts }),
    ...(changed ? ofClient(context, { replace: true }) : {}),
    verified: context.verified && !changed,
  };
}

/**
 * Whether the lifetime of a token that has just come can be planned with. One that has expired on arrival, or will
 * before it could be renewed again, is used all the same, since the homeserver may know better; its renewal waits as
 * the breaker does. Lifetimes that stay too short to be true are not planned with at all.
 */
function lifetimeFacts({ token, schedule }: AuthContext, session: Session): Partial<TokenFacts> {
  const now = Date.now();
  const expired = arrivedExpired(session, now);
  if (!expired && !implausible(session)) return { shortLifetimes: 0 };
  const count = token.shortLifetimes + 1;
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
    ...ofToken(context, { ...accepted, doubted: false }),
    session: context.session && {
      ...context.session,
      userId,
      ...(deviceId === undefined ? {} : { deviceId }),
    },
    verified: true,
    ...(deviceChange(context, deviceId) === undefined ? {} : ofClient(context, { replace: true })),
  };
}

/** The homeserver has accepted the token. */
export const accepted: Partial<TokenFacts> = {
  confirmed: true,
  dead: false,
  everAccepted: true,
  neverAccepted: 0,
};

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
export function tokenRejected(context: AuthContext): Update {
  return ofToken(context, { earlyDeaths: earlyDeaths(context) });
}

function earlyDeaths({ session, token }: AuthContext): number {
  return diedEarly(session, Date.now()) ? token.earlyDeaths + 1 : 0;
}

/** `whoami` has refused the current token. */
export function tokenDied(context: AuthContext): Update {
  const { issuedThisRun, confirmed, neverAccepted } = context.token;
  return ofToken(context, {
    earlyDeaths: earlyDeaths(context),
    doubted: false,
    dead: true,
    neverAccepted: issuedThisRun && !confirmed ? neverAccepted + 1 : 0,
  });
}

/** A person, or new credentials, ask for a new beginning. */
export function reset(context: AuthContext): Update {
  return {
    ...cleared,
    failureReason: undefined,
    loginRefused: undefined,
    breakerOpen: false,
    ...ofToken(context, { refreshRefused: false, earlyDeaths: 0, neverAccepted: 0 }),
    ...ofClient(context, { deaths: 0 }),
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
  return context.token.refreshRefused ? 'session-ended' : 'token-refused';
}

/** The client has ended by itself. One that ends soon after its start is not started again at once for ever. */
export function clientDied(context: AuthContext): Update {
  const { connectedAt, deaths } = context.client;
  const early = shortLived(connectedAt, Date.now());
  return ofClient(context, { replace: true, deaths: early ? deaths + 1 : 0 });
}

/** The client is live. */
export function connected(context: AuthContext): Update {
  return { lockAnnounced: false, ...ofClient(context, { replace: false, connectedAt: Date.now() }) };
}
