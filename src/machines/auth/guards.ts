import type { AuthContext } from './context.ts';
import { failureOf } from './failures.ts';
import { type Meaning, meaningOf, type Rejection } from './rejections.ts';
import { diedEarly, expiryDueAt, expiryOf, shortLived } from './schedule.ts';
import type { ConnectOutcome, IdentifyOutcome, Outcome, RenewOutcome } from './services.ts';
import type { Session } from './session.ts';
import { renewalDue } from './waits.ts';

interface Scope {
  readonly context: AuthContext;
}

/** The questions the machine asks. All are pure, but for the wall clock. */
export const guards = {
  outcomeIs: (_: Scope, { outcome, is }: { outcome: Outcome; is: Outcome['outcome'] }): boolean =>
    outcome.outcome === is,

  refusalMeans: (_: Scope, { outcome, means }: { outcome: Outcome; means: Meaning }): boolean =>
    meaningIn(outcome) === means,

  /** The refusal is of the token in use, not of one that was replaced since. */
  currentTokenRejected: ({ context }: Scope, { generation }: { generation: number }): boolean =>
    isCurrent(context, generation),

  currentTokenLocked: (
    { context }: Scope,
    { generation, rejection }: { generation: number; rejection: Rejection },
  ): boolean => isCurrent(context, generation) && meaningOf(rejection) === 'locked',

  /**
   * The refusal is met by a refresh at once. A token that is fresh from a refresh is not: if one endpoint refuses it,
   * another refresh would not help, and `whoami` is asked instead.
   */
  currentTokenRenewable: ({ context }: Scope, { generation }: { generation: number }): boolean =>
    isCurrent(context, generation) && guards.canExchange({ context }) && !fresh(context),

  /** `whoami` refused a token that should have worked: to renew at once would be a loop. */
  freshTokenDead: ({ context }: Scope, outcome: IdentifyOutcome): boolean =>
    meaningIn(outcome) === 'token-dead' && tokenDiedEarly(context),

  /** The third token in a row that was never accepted, of a session that has never worked. */
  tokensNeverAccepted: ({ context }: Scope, outcome: IdentifyOutcome): boolean =>
    meaningIn(outcome) === 'token-dead' &&
    !context.token.everAccepted &&
    context.token.issuedThisRun &&
    !context.token.confirmed &&
    context.token.neverAccepted >= 2,

  renewed: (_: Scope, outcome: RenewOutcome): boolean =>
    outcome.outcome === 'renewed' || outcome.outcome === 'adopted',

  /** This way to sign in was refused, and there is another one. */
  waysLeft: (_: Scope, outcome: RenewOutcome): boolean =>
    outcome.outcome === 'refused' && outcome.waysLeft === true,

  /** The answer to a login proves that these credentials will not do. */
  loginRefusedForGood: (_: Scope, outcome: RenewOutcome): boolean =>
    outcome.outcome === 'refused' && failureOf(outcome.rejection) !== undefined,

  /** There is no `/refresh` here, but another way. */
  unsupportedButCanLogIn: ({ context }: Scope, outcome: RenewOutcome): boolean =>
    meaningIn(outcome) === 'unsupported' && guards.canLogIn({ context }),

  newerSession: ({ context }: Scope, { session }: { session: Session }): boolean =>
    session.generation > (context.session?.generation ?? 0),

  newerSessionOfSameDevice: ({ context }: Scope, { session }: { session: Session }): boolean =>
    guards.newerSession({ context }, { session }) && session.deviceId === context.session?.deviceId,

  /** The client was given a token that was replaced meanwhile. */
  tokenMovedOn: ({ context }: Scope, outcome: ConnectOutcome): boolean =>
    outcome.outcome === 'connected' &&
    (outcome.generation ?? Number.POSITIVE_INFINITY) < (context.session?.generation ?? 0),

  breakerOpen: ({ context }: Scope): boolean => context.breakerOpen,
  canExchange: ({ context }: Scope): boolean =>
    context.session?.refreshable === true && !context.token.refreshRefused,
  canLogIn: ({ context }: Scope): boolean => context.canLogIn && context.loginRefused === undefined,
  canAuthorize: ({ context }: Scope): boolean => context.canAuthorize && context.loginRefused === undefined,
  canRenew: ({ context }: Scope): boolean => guards.canExchange({ context }) || guards.canLogIn({ context }),
  renewalScheduled: ({ context }: Scope): boolean => renewalDue(context) !== undefined,
  sessionless: ({ context }: Scope): boolean => context.session === undefined,
  /** The token is known to be dead, so it is not even tried, if there is a way to another one. */
  tokenExpired: ({ context }: Scope): boolean =>
    context.token.lifetimeTrusted &&
    ((context.session && expiryOf(context.session)) ?? Number.POSITIVE_INFINITY) <= Date.now() &&
    guards.canRenew({ context }),
  /** The client has ended soon after its start, this time too. */
  clientEndsAtOnce: ({ context }: Scope): boolean => shortLived(context.client.connectedAt, Date.now()),
  /** There is a token that was given and not yet taken. */
  tokenGiven: ({ context }: Scope): boolean => context.tokenGiven,
  loginRefused: ({ context }: Scope): boolean => context.loginRefused !== undefined,
  /** The client has died, and nobody has replaced it yet. */
  clientDead: ({ context }: Scope): boolean => context.client.replace,
  verified: ({ context }: Scope): boolean => context.verified,
  /** The given token could not be tried last time: it is tried again after a pause. */
  attemptFailed: ({ context }: Scope): boolean => context.failures > 0,
  /** A request was refused, and `whoami` has not said yet whether the token is dead. */
  tokenDoubted: ({ context }: Scope): boolean => context.token.doubted,
  /** The token is about to expire. */
  expiryReached: ({ context }: Scope): boolean => pastExpiry(context),
  /** One answer has refused the token, and nothing has proved it dead. */
  unproven: ({ context }: Scope): boolean =>
    context.session !== undefined && !context.token.dead && !pastExpiry(context),
};

function pastExpiry({ session, schedule, token }: AuthContext): boolean {
  const due = session !== undefined && token.lifetimeTrusted ? expiryDueAt(session, schedule) : undefined;
  return (due ?? Number.POSITIVE_INFINITY) <= Date.now();
}

/**
 * Whether this is the token in use. The adapters may hold a newer one, for the moment between its arrival and the
 * machine's knowing of it; a refusal of that one counts as well.
 */
function isCurrent({ session }: AuthContext, generation: number): boolean {
  return generation >= (session?.generation ?? Number.POSITIVE_INFINITY);
}

/** A token that came by a refresh just now, was issued and never accepted, or is the third that was refused so early. */
function fresh({ session, token }: AuthContext): boolean {
  const { issuedThisRun, issuedByRefresh, confirmed, earlyDeaths } = token;
  return (
    diedEarly(session, Date.now()) && (issuedByRefresh || (issuedThisRun && !confirmed) || earlyDeaths >= 2)
  );
}

/** A token that is dead although it should work: issued just now and never accepted, or the third early death in a row. */
function tokenDiedEarly({ session, token }: AuthContext): boolean {
  const { issuedThisRun, confirmed, earlyDeaths } = token;
  return diedEarly(session, Date.now()) && ((issuedThisRun && !confirmed) || earlyDeaths >= 2);
}

/** What the homeserver's refusal means, where the outcome is one. */
function meaningIn(outcome: Outcome): Meaning | undefined {
  return outcome.outcome === 'refused' ? meaningOf(outcome.rejection) : undefined;
}
