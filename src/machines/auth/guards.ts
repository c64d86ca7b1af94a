import type { AuthContext } from './context.ts';
import type { ConnectOutcome, IdentifyOutcome, RenewOutcome, RestoreOutcome } from './services.ts';
import { failureOf } from './failures.ts';
import { type Meaning, meaningOf, type Rejection } from './rejections.ts';
import { diedEarly, expiryOf } from './schedule.ts';
import type { Session } from './session.ts';
import { clientDied } from './updates.ts';

/** What any of the invoked services may resolve to. */
export type Outcome = RestoreOutcome | RenewOutcome | IdentifyOutcome | ConnectOutcome;

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

  currentTokenSuspicious: ({ context }: Scope, { generation }: { generation: number }): boolean =>
    isCurrent(context, generation) && suspicious(context),

  /** `whoami` refused a token that was issued just now. */
  freshTokenRefused: ({ context }: Scope, outcome: IdentifyOutcome): boolean =>
    meaningIn(outcome) === 'token-dead' && suspicious(context),

  renewed: (_: Scope, outcome: RenewOutcome): boolean =>
    outcome.outcome === 'renewed' || outcome.outcome === 'adopted',

  /** The answer to a login proves that these credentials will not do. */
  loginHopeless: (_: Scope, outcome: RenewOutcome): boolean =>
    outcome.outcome === 'refused' && failureOf(outcome.rejection) !== undefined,

  /** There is no `/refresh` here, but another way. */
  unsupportedButCanLogIn: ({ context }: Scope, outcome: RenewOutcome): boolean =>
    meaningIn(outcome) === 'unsupported' && guards.canLogIn({ context }),

  newerSession: ({ context }: Scope, { session }: { session: Session }): boolean =>
    session.generation > (context.session?.generation ?? 0),

  breakerOpen: ({ context }: Scope): boolean => context.breakerOpen,
  canExchange: ({ context }: Scope): boolean =>
    context.session?.refreshable === true && !context.refreshRefused,
  canLogIn: ({ context }: Scope): boolean => context.canLogIn && context.loginRefused === undefined,
  canRenew: ({ context }: Scope): boolean =>
    guards.canExchange({ context }) || guards.canLogIn({ context }) || context.tokenGiven,
  renewalScheduled: ({ context }: Scope): boolean =>
    (context.session && expiryOf(context.session)) !== undefined && guards.canRenew({ context }),
  sessionless: ({ context }: Scope): boolean => context.session === undefined,
  /** The token is known to be dead, so it is not even tried, if there is a way to another one. */
  tokenExpired: ({ context }: Scope): boolean =>
    ((context.session && expiryOf(context.session)) ?? Number.POSITIVE_INFINITY) <= Date.now() &&
    guards.canRenew({ context }),
  /** The client has ended soon after its start, this time too. */
  clientEndsAtOnce: ({ context }: Scope): boolean => clientDied(context).clientDeaths !== 0,
  /** There is a token that was given and not yet taken. */
  tokenGiven: ({ context }: Scope): boolean => context.tokenGiven,
  loginRefused: ({ context }: Scope): boolean => context.loginRefused !== undefined,
  /** The client has died, and nobody has replaced it yet. */
  clientDead: ({ context }: Scope): boolean => context.replaceClient,
  verified: ({ context }: Scope): boolean => context.verified,
};

/**
 * Whether this is the token in use. The adapters may hold a newer one, for the moment between its arrival and the
 * machine's knowing of it; a refusal of that one counts as well.
 */
function isCurrent({ session }: AuthContext, generation: number): boolean {
  return generation >= (session?.generation ?? Number.POSITIVE_INFINITY);
}

/**
 * A token that was refused now should have worked: it was issued just now and never worked, or it is the third in a
 * row that was refused soon after its issue. To renew once more at once would be a loop.
 */
function suspicious({ session, issued, proven, earlyDeaths }: AuthContext): boolean {
  return diedEarly(session, Date.now()) && ((issued && !proven) || earlyDeaths >= 2);
}

/** What the homeserver's refusal means, where the outcome is one. */
function meaningIn(outcome: Outcome): Meaning | undefined {
  return outcome.outcome === 'refused' ? meaningOf(outcome.rejection) : undefined;
}
