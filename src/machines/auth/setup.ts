import { and, assign, emit, enqueueActions, not, or, setup, stateIn } from 'xstate';
import { eventParams } from './answers.ts';
import type { AuthContext, AuthInput } from './context.ts';
import type { AuthEmitted, AuthEvent, Warning } from './events.ts';
import { advice, type FailureReason } from './failures.ts';
import { guards } from './guards.ts';
import { rejectionText } from './rejections.ts';
import { IMPLAUSIBLE_IN_A_ROW, timerOf } from './schedule.ts';
import { services } from './services.ts';
import * as updates from './updates.ts';
import type { FailedAttempt, OutcomeOf, SessionNews } from './updates.ts';
import { waits } from './waits.ts';
import { warnings } from './warnings.ts';

/**
 * The public contract of the states: `usable`: requests may use the token; `live`: the client is up, too;
 * `authorizing`: a person is asked to approve a sign-in; `needs-person`: nothing goes on without a person.
 */
export type AuthTag = 'usable' | 'live' | 'busy' | 'authorizing' | 'needs-person';

type ProvidedCredentials = Omit<Extract<AuthEvent, { readonly type: 'credentials.provided' }>, 'type'>;

const serves = stateIn({ refreshing: { service: 'ahead' } });

/** Everything the statechart refers to by name. */
export const authSetup = setup({
  types: {} as {
    context: AuthContext;
    events: AuthEvent;
    emitted: AuthEmitted;
    input: AuthInput | undefined;
    tags: AuthTag;
  },
  actors: services,
  guards: {
    ...guards,
    /** The token in use has not been refused, nor has it expired. */
    tokenUsable: serves,
    tokenUsableClientDead: and([serves, 'clientDead']),
    tokenUsableLoginRefused: and([serves, 'loginRefused']),
    /** Requests wait because one answer refused the token: `whoami` is asked before a login is spent, or the end is met. */
    tokenDoubtful: and([not(serves), 'unproven']),
    /** The given token is the next one: the one in use has ended. */
    givenTokenDue: and(['tokenGiven', or([not(serves), 'expiryReached'])]),
    givenTokenUntried: and(['givenTokenDue', 'attemptFailed']),
    rejectedWhileAuthorizing: and([
      stateIn({ refreshing: { renewal: 'authorizing' } }),
      { type: 'currentTokenRejected', params: eventParams as never },
    ]),
  },
  delays: {
    renewalDue: ({ context }) => timerOf(waits.renewalDue(context, Date.now())),
    expiryDue: ({ context }) => timerOf(waits.expiryDue(context, Date.now())),
    backoff: ({ context }) => waits.backoff(context, Date.now()),
    breakerCooled: ({ context }) => waits.breakerCooled(context),
    clientPause: ({ context }) => waits.clientPause(context, Date.now()),
    lockProbe: ({ context }) => waits.lockProbe(context, Date.now()),
  },
  actions: {
    restore: assign(({ context }, outcome: OutcomeOf<'restored' | 'empty'>) =>
      updates.restored(context, outcome),
    ),
    takeExchanged: assign(({ context }, outcome: OutcomeOf<'renewed' | 'adopted'>) =>
      updates.renewed(context, outcome),
    ),
    takeLoggedIn: assign(({ context }, outcome: OutcomeOf<'renewed' | 'adopted'>) =>
      updates.loggedIn(context, outcome),
    ),
    adopt: assign(({ context }, { session }: SessionNews) => updates.adopted(context, session)),
    identify: assign(({ context }, outcome: OutcomeOf<'identified'>) => updates.identified(context, outcome)),
    noteFailedAttempt: assign(({ context }, cause: FailedAttempt) => updates.failedAttempt(context, cause)),
    noteTokenRejected: assign(({ context }) => updates.tokenRejected(context)),
    noteTokenDoubted: assign(({ context }) => updates.ofToken(context, { doubted: true })),
    noteTokenDead: assign(({ context }) => updates.tokenDied(context)),
    noteRefreshRefused: assign(({ context }) => updates.ofToken(context, { refreshRefused: true })),
    noteConfirmed: assign(({ context }, { generation }: { generation: number }) =>
      generation === context.session?.generation ? updates.ofToken(context, updates.accepted) : {},
    ),
    noteCredentials: assign((_, { canLogIn, canAuthorize = false, token = false }: ProvidedCredentials) => ({
      canLogIn,
      canAuthorize,
      tokenGiven: token,
      loginRefused: undefined,
    })),
    noteWaysLeft: assign(({ context }, { canLogIn = context.canLogIn }: OutcomeOf<'refused'>) => ({
      canLogIn,
    })),
    noteLoginRefused: assign((_, outcome: OutcomeOf<'refused'>) => ({
      loginRefused: updates.failureIn(outcome),
    })),
    noteClientDied: assign(({ context }) => updates.clientDied(context)),
    noteShortLife: assign({ lastTrouble: 'the client ended soon after it had been started' }),
    openBreaker: assign({ breakerOpen: true }),
    closeBreaker: assign({ breakerOpen: false }),
    requireVerification: assign({ verified: false }),
    requestClientReplacement: assign(({ context }) => updates.ofClient(context, { replace: true })),
    noteConnected: assign(({ context }) => updates.connected(context)),
    /** Requests wait from now on, so what waits for another attempt waits no longer, unless the server asked it to. */
    retryNow: enqueueActions(({ context: { notBefore = 0 }, enqueue }) => {
      if (notBefore <= Date.now()) enqueue.raise({ type: 'retry' });
    }),
    clearFailures: assign(() => updates.cleared),
    resetFailures: assign(({ context }) => updates.reset(context)),
    fail: assign((_, { reason }: { reason: FailureReason }) => ({ failureReason: reason })),
    failExhausted: assign(({ context }) => ({ failureReason: updates.exhausted(context) })),
    failWithOutcome: assign((_, outcome: OutcomeOf<'unusable' | 'refused'>) => ({
      failureReason: updates.failureIn(outcome),
    })),

    warn: emit((_, { kind }: { kind: Warning['kind'] }) => ({
      type: 'warning' as const,
      warning: { kind, message: warnings[kind] },
    })),
    /** Once in a row of such answers. It comes before the note of the trouble, with which it compares. */
    warnUnsupported: enqueueActions(({ context, enqueue }, { rejection }: OutcomeOf<'refused'>) => {
      if (context.lastTrouble === rejectionText(rejection)) return;
      const kind = 'refresh-unsupported';
      enqueue.emit({ type: 'warning', warning: { kind, message: warnings[kind] } });
    }),
    warnUnpersisted: enqueueActions(({ enqueue }, outcome: OutcomeOf<'renewed' | 'adopted'>) => {
      if (outcome.outcome !== 'renewed' || outcome.unpersisted !== true) return;
      const kind = 'unpersisted';
      enqueue.emit({ type: 'warning', warning: { kind, message: warnings[kind] } });
    }),
    warnGivenToken: enqueueActions(({ enqueue }, { givenToken }: OutcomeOf<'restored'>) => {
      if (givenToken === undefined) return;
      const kind = givenToken === 'refused' ? 'given-token-refused' : 'given-token-of-another-user';
      enqueue.emit({ type: 'warning', warning: { kind, message: warnings[kind] } });
    }),
    /** Once in a row of such tokens. */
    warnImplausible: enqueueActions(({ context, enqueue }) => {
      if (context.token.shortLifetimes !== IMPLAUSIBLE_IN_A_ROW) return;
      const kind = 'lifetime-implausible';
      enqueue.emit({ type: 'warning', warning: { kind, message: warnings[kind] } });
    }),
    /** Once for each lock, however often it is met. */
    announceLocked: enqueueActions(({ context, enqueue }) => {
      if (context.lockAnnounced) return;
      enqueue.emit({ type: 'locked' });
      enqueue.assign({ lockAnnounced: true });
    }),
    announceFailure: emit(({ context }) => {
      // `failed` is entered with a reason only.
      const reason = context.failureReason as FailureReason;
      return { type: 'failed' as const, reason, advice: advice[reason] };
    }),
    // The announcements come before the update they announce: they compare it with what was known.
    announceRefreshed: emit((_, { outcome, session }: OutcomeOf<'renewed' | 'adopted'>) => ({
      type: outcome === 'renewed' ? ('refreshed' as const) : outcome,
      session,
    })),
    announceLoggedIn: emit((_, { outcome, session }: OutcomeOf<'renewed' | 'adopted'>) => ({
      type: outcome === 'renewed' ? ('logged-in' as const) : outcome,
      session,
    })),
    announceAdopted: emit((_, { session }: SessionNews) => ({ type: 'adopted' as const, session })),
    announceDevice: enqueueActions(
      ({ context, enqueue }, news: OutcomeOf<'renewed' | 'adopted' | 'identified'> | SessionNews) => {
        const change = updates.deviceChange(context, updates.deviceIn(news));
        if (change !== undefined) enqueue.emit({ type: 'device-changed', ...change });
      },
    ),
  },
});
