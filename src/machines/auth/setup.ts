import { and, assign, emit, enqueueActions, setup, stateIn } from 'xstate';
import type { AuthContext, AuthInput } from './context.ts';
import type { AuthEmitted, AuthEvent, Warning } from './events.ts';
import { advice, type FailureReason } from './failures.ts';
import { guards } from './guards.ts';
import { ports } from './services.ts';
import { backoffMs, breakerMs, expiryDueAt, lockProbeMs, renewalDueAt, timerUntil } from './schedule.ts';
import { inWords } from './rejections.ts';
import * as updates from './updates.ts';
import type { Nothing, Of, SessionNews } from './updates.ts';

/** The public contract of the states: `usable`: requests may use the token; `live`: the client is up, too. */
export type AuthTag = 'usable' | 'live' | 'busy' | 'needs-person';

const warnings: Readonly<Record<Warning['kind'], string>> = {
  'refresh-refused':
    'The homeserver refused the refresh token (the session was logged out, its device was deleted, or the token was used elsewhere). ' +
    'The bot logs in again if it has credentials; otherwise it goes on until the access token expires.',
  'refresh-unsupported':
    'The homeserver does not know the endpoint /_matrix/client/v3/refresh, or a proxy in front of it does not route it. ' +
    'The bot logs in instead if it has credentials. Check the proxy, or turn refresh tokens on.',
  'login-refused':
    'The homeserver refused the user name and password, or does not offer such a login. The bot goes on until its access token is refused; give new credentials with provideCredentials() before that.',
  breaker:
    'The homeserver issued a token and refused it straight away. Something is wrong on its side, or the account was locked. ' +
    'The bot waits before it asks again, longer each time.',
  unpersisted:
    'The session store is away and the access token ran out, so the token was renewed without the store, as onStoreDown: "use-unpersisted" says. ' +
    'The new token is in this process alone, and is written as soon as the store is back. If the process ends before that, the session may be lost.',
};

const tokenServes = stateIn({ refreshing: { service: 'ahead' } });

/** Everything the statechart refers to by name. */
export const authSetup = setup({
  types: {} as {
    context: AuthContext;
    events: AuthEvent;
    emitted: AuthEmitted;
    input: AuthInput | undefined;
    tags: AuthTag;
  },
  actors: ports,
  guards: {
    ...guards,
    /** The token in use has not been refused, nor has it expired. */
    tokenServes,
    /** It serves, but the client has died. */
    tokenServesDeadClient: and([tokenServes, 'clientDead']),
    /** It serves, but the homeserver has refused the credentials to log in with when it ends. */
    tokenServesWithoutLogin: and([tokenServes, 'loginRefused']),
  },
  delays: {
    renewalDue: ({ context: { session, schedule, salt } }) =>
      timerUntil(session && renewalDueAt(session, schedule, salt), Date.now()),
    expiryDue: ({ context: { session, schedule } }) =>
      timerUntil(session && expiryDueAt(session, schedule), Date.now()),
    backoff: ({ context: { failures, schedule, ...circumstances } }) =>
      backoffMs(failures, schedule, { now: Date.now(), ...circumstances }),
    breakerCooled: ({ context: { earlyDeaths, schedule } }) => breakerMs(earlyDeaths, schedule),
    clientPause: ({ context: { clientDeaths, failures, schedule, ...circumstances } }) =>
      backoffMs(Math.max(clientDeaths, failures), schedule, { now: Date.now(), ...circumstances }),
    lockProbe: ({ context: { failures, schedule, salt, notBefore } }) =>
      lockProbeMs(failures, schedule, { now: Date.now(), salt, notBefore }),
  },
  actions: {
    restore: assign((_, outcome: Of<'restored' | 'empty'>) => updates.restored(outcome)),
    takeExchanged: assign(({ context }, outcome: Of<'renewed' | 'adopted'>) =>
      updates.renewed(context, outcome),
    ),
    takeLoggedIn: assign(({ context }, outcome: Of<'renewed' | 'adopted'>) =>
      updates.loggedIn(context, outcome),
    ),
    adopt: assign(({ context }, { session }: SessionNews) => updates.adopted(context, session)),
    identify: assign(({ context }, outcome: Of<'identified'>) => updates.identified(context, outcome)),
    noteTrouble: assign(({ context }, cause: Nothing) => updates.troubled(context, cause)),
    noteTokenRejected: assign(({ context }) => updates.tokenRejected(context)),
    noteRefreshRefused: assign({ refreshRefused: true }),
    noteProven: assign(({ context }, { generation }: { generation: number }) =>
      generation === context.session?.generation ? { proven: true } : {},
    ),
    noteCredentials: assign((_, { canLogIn, token = false }: { canLogIn: boolean; token?: boolean }) => ({
      canLogIn,
      tokenGiven: token,
      loginRefused: undefined,
    })),
    noteLoginRefused: assign((_, outcome: Of<'refused'>) => ({ loginRefused: updates.failureIn(outcome) })),
    noteClientDied: assign(({ context }) => updates.clientDied(context)),
    noteShortLife: assign({ trouble: 'the client ended soon after it had been started' }),
    openBreaker: assign({ breakerOpen: true }),
    closeBreaker: assign({ breakerOpen: false }),
    doubtIdentity: assign({ verified: false }),
    wantReplacement: assign({ replaceClient: true }),
    noteConnected: assign(() => ({ replaceClient: false, lockAnnounced: false, connectedAt: Date.now() })),
    /** Requests wait from now on, so what waits for another attempt waits no longer, unless the server asked it to. */
    hurry: enqueueActions(({ context: { notBefore = 0 }, enqueue }) => {
      if (notBefore <= Date.now()) enqueue.raise({ type: 'retry' });
    }),
    calmDown: assign(() => updates.calm),
    forgive: assign(() => updates.forgiven()),
    fail: assign((_, { reason }: { reason: FailureReason }) => ({ reason })),
    failExhausted: assign(({ context }) => ({ reason: updates.exhausted(context) })),
    failBy: assign((_, outcome: Of<'unusable' | 'refused'>) => ({ reason: updates.failureIn(outcome) })),

    warn: emit((_, { kind }: { kind: Warning['kind'] }) => ({
      type: 'warning' as const,
      warning: { kind, message: warnings[kind] },
    })),
    /** Once in a row of such answers. It comes before the note of the trouble, with which it compares. */
    warnUnsupported: enqueueActions(({ context, enqueue }, { rejection }: Of<'refused'>) => {
      if (context.trouble === inWords(rejection)) return;
      const kind = 'refresh-unsupported';
      enqueue.emit({ type: 'warning', warning: { kind, message: warnings[kind] } });
    }),
    warnUnpersisted: enqueueActions(({ enqueue }, outcome: Of<'renewed' | 'adopted'>) => {
      if (outcome.outcome !== 'renewed' || outcome.unpersisted !== true) return;
      const kind = 'unpersisted';
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
      const reason = context.reason as FailureReason;
      return { type: 'failed' as const, reason, advice: advice[reason] };
    }),
    // The announcements come before the update they announce: they compare it with what was known.
    announceRefreshed: emit((_, { outcome, session }: Of<'renewed' | 'adopted'>) => ({
      type: outcome === 'renewed' ? ('refreshed' as const) : outcome,
      session,
    })),
    announceLoggedIn: emit((_, { outcome, session }: Of<'renewed' | 'adopted'>) => ({
      type: outcome === 'renewed' ? ('logged-in' as const) : outcome,
      session,
    })),
    announceAdopted: emit((_, { session }: SessionNews) => ({ type: 'adopted' as const, session })),
    announceDevice: enqueueActions(
      ({ context, enqueue }, news: Of<'renewed' | 'adopted' | 'identified'> | SessionNews) => {
        const change = updates.deviceChange(context, updates.deviceIn(news));
        if (change !== undefined) enqueue.emit({ type: 'device-changed', ...change });
      },
    ),
  },
});
