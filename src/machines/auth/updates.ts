import type { AuthContext } from './context.ts';
import { type FailureReason, failureOf } from './failures.ts';
import type { Outcome } from './guards.ts';
import { inWords } from './rejections.ts';
import { diedEarly } from './schedule.ts';
import type { Session } from './session.ts';

/** How the machine's memory changes: pure functions from what it remembers, and what it learnt, to what is new. */
export type Update = Partial<AuthContext>;

/** Nothing is wrong any more. */
export const calm: Update = { failures: 0, notBefore: undefined, trouble: undefined };

/** An outcome of this kind. */
export type Of<Kind extends Outcome['outcome']> = Extract<Outcome, { readonly outcome: Kind }>;

/** The stored session, or the given token: not issued in this run, so not suspicious when it is refused. */
export function restored(outcome: Of<'restored' | 'empty'>): Update {
  const { session, canLogIn } = outcome;
  return {
    ...calm,
    session,
    canLogIn,
    tokenGiven: false,
    verified: false,
    issued: false,
    refreshRefused: false,
  };
}

/** A new token, by refresh. */
export function renewed(context: AuthContext, { outcome, session }: Of<'renewed' | 'adopted'>): Update {
  return { ...calm, ...taken(context, session), issued: outcome === 'renewed' };
}

/** A new token, by login: another session, so it has to be verified again. */
export function loggedIn(context: AuthContext, outcome: Of<'renewed' | 'adopted'>): Update {
  return { ...renewed(context, outcome), verified: false, loginRefused: undefined };
}

/** A session that another process has renewed: it is verified again only if its device is another one. */
export function adopted(context: AuthContext, session: Session): Update {
  return { ...calm, ...taken(context, session), issued: false, reason: undefined };
}

function taken(context: AuthContext, session: Session): Update {
  const changed = deviceChange(context, session.deviceId) !== undefined;
  return {
    session,
    proven: false,
    refreshRefused: false,
    replaceClient: context.replaceClient || changed,
    verified: context.verified && !changed,
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
export function deviceIn(news: Of<'renewed' | 'adopted' | 'identified'> | SessionNews): string | undefined {
  return 'session' in news ? news.session.deviceId : news.deviceId;
}

export interface SessionNews {
  readonly session: Session;
}

/** What `whoami` said. It also proves the token. */
export function identified(context: AuthContext, { userId, deviceId }: Of<'identified'>): Update {
  return {
    ...calm,
    session: context.session && {
      ...context.session,
      userId,
      ...(deviceId === undefined ? {} : { deviceId }),
    },
    verified: true,
    proven: true,
    replaceClient: context.replaceClient || deviceChange(context, deviceId) !== undefined,
  };
}

/** Why an attempt brought nothing: trouble, a refusal, or an exception. */
export type Nothing = Of<'trouble' | 'refused'> | { readonly error: unknown };

/** One more attempt that brought nothing. */
export function troubled(context: AuthContext, cause: Nothing): Update {
  return { failures: context.failures + 1, ...troubleOf(cause) };
}

function troubleOf(cause: Nothing): Pick<AuthContext, 'trouble' | 'notBefore'> {
  if ('error' in cause) return { trouble: 'an unexpected error in a service', notBefore: undefined };
  if (cause.outcome === 'trouble') return { trouble: cause.why, notBefore: cause.notBefore };
  const { retryAfterMs } = cause.rejection;
  return {
    trouble: inWords(cause.rejection),
    notBefore: retryAfterMs === undefined ? undefined : Date.now() + retryAfterMs,
  };
}

/** The current token was refused: is that one more that died early? */
export function tokenRejected({ session, earlyDeaths }: AuthContext): Update {
  return { earlyDeaths: diedEarly(session, Date.now()) ? earlyDeaths + 1 : 0 };
}

/** A person, or new credentials, ask for a new beginning. */
export function forgiven(): Update {
  return {
    ...calm,
    reason: undefined,
    refreshRefused: false,
    loginRefused: undefined,
    earlyDeaths: 0,
    breakerOpen: false,
    clientDeaths: 0,
  };
}

/** Why an outcome is the end: what cannot be used, or a refusal for good. */
export function failureIn(outcome: Of<'unusable' | 'refused'>): FailureReason | undefined {
  return outcome.outcome === 'unusable' ? outcome.reason : failureOf(outcome.rejection);
}

/** Why there is no way left to get a token. */
export function exhausted(context: AuthContext): FailureReason {
  if (context.loginRefused !== undefined) return context.loginRefused;
  if (context.session === undefined) return 'no-credentials';
  return context.refreshRefused ? 'session-ended' : 'token-refused';
}

/** A client that ends within this time of its start did so for a reason that a new one will meet as well. */
const SHORT_LIFE_MS = 60_000;

/** The client has ended by itself. One that ends soon after its start is not started again at once for ever. */
export function clientDied({ connectedAt, clientDeaths }: AuthContext): Update {
  const early = Date.now() - (connectedAt ?? 0) < SHORT_LIFE_MS;
  return { replaceClient: true, clientDeaths: early ? clientDeaths + 1 : 0 };
}
