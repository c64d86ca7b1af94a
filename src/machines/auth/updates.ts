import type { AuthContext } from './context.ts';
import type { FailureReason } from './failures.ts';
import type { Outcome } from './guards.ts';
import type { IdentifyOutcome, RestoreOutcome } from './ports.ts';
import { inWords } from './rejections.ts';
import { diedEarly } from './schedule.ts';
import type { Session } from './session.ts';

/** How the machine's memory changes: pure functions from what it remembers, and what it learnt, to what is new. */
export type Update = Partial<AuthContext>;

/** Nothing is wrong any more. */
export const calm: Update = { failures: 0, notBefore: undefined, trouble: undefined };

/** The stored session, or the given token: not issued in this run, so not suspicious when it is refused. */
export function restored(outcome: RestoreOutcome): Update {
  if (outcome.outcome === 'restored') {
    const { session, canLogIn } = outcome;
    return {
      ...calm,
      session,
      canLogIn,
      tokenGiven: false,
      verified: false,
      issued: false,
      proven: false,
      refreshRefused: false,
    };
  }
  return outcome.outcome === 'empty'
    ? { ...calm, session: undefined, canLogIn: outcome.canLogIn, tokenGiven: false, verified: false }
    : {};
}

/** A new token by refresh or login. A login is another session, so it has to be verified again. */
export function renewed(context: AuthContext, outcome: Outcome, by: 'exchange' | 'login'): Update {
  if (outcome.outcome !== 'renewed' && outcome.outcome !== 'adopted') return {};
  return {
    ...calm,
    ...taken(context, outcome.session),
    issued: outcome.outcome === 'renewed',
    ...(by === 'login' ? { verified: false, loginRefused: undefined } : {}),
  };
}

/** A session that another process has renewed: it is verified again only if its device is another one. */
export function adopted(context: AuthContext, session: Session): Update {
  return { ...calm, ...taken(context, session), issued: false, reason: undefined };
}

function taken(context: AuthContext, session: Session): Update {
  const changed = deviceChanged(context, session.deviceId);
  return {
    session,
    proven: false,
    refreshRefused: false,
    replaceClient: context.replaceClient || changed,
    verified: context.verified && !changed,
  };
}

/** Whether the session is on another device than before. A device that is not known, before or after, is no change. */
export function deviceChanged(context: AuthContext, deviceId: string | undefined): boolean {
  const before = context.session?.deviceId;
  return before !== undefined && deviceId !== undefined && before !== deviceId;
}

/** The device that an outcome or an event names, if it names one. */
export function deviceOf(
  news: Outcome | { readonly session: Session },
): { readonly id: string | undefined } | undefined {
  if ('session' in news) return { id: news.session.deviceId };
  return news.outcome === 'identified' ? { id: news.deviceId } : undefined;
}

/** What `whoami` said. It also proves the token. */
export function identified(context: AuthContext, outcome: IdentifyOutcome): Update {
  if (outcome.outcome !== 'identified' || context.session === undefined) return {};
  const { userId, deviceId } = outcome;
  return {
    ...calm,
    session: { ...context.session, userId, ...(deviceId === undefined ? {} : { deviceId }) },
    verified: true,
    proven: true,
    replaceClient: context.replaceClient || deviceChanged(context, deviceId),
  };
}

/** One more attempt that brought nothing. */
export function troubled(context: AuthContext, cause: Outcome | { readonly error: unknown }): Update {
  return { failures: context.failures + 1, ...troubleOf(cause) };
}

function troubleOf(cause: Outcome | { readonly error: unknown }): Pick<AuthContext, 'trouble' | 'notBefore'> {
  if ('error' in cause) return { trouble: 'an unexpected error in a service', notBefore: undefined };
  if (cause.outcome === 'trouble') return { trouble: cause.why, notBefore: cause.notBefore };
  if (cause.outcome !== 'refused') return { trouble: undefined, notBefore: undefined };
  const { retryAfterMs } = cause.rejection;
  return {
    trouble: inWords(cause.rejection),
    notBefore: retryAfterMs === undefined ? undefined : Date.now() + retryAfterMs,
  };
}

/** The current token was refused: is that one more that died early? */
export function tokenRejected({ session, earlyDeaths }: AuthContext): Update {
  const early = session !== undefined && diedEarly(session, Date.now());
  return { earlyDeaths: early ? earlyDeaths + 1 : 0 };
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
  const early = connectedAt !== undefined && Date.now() - connectedAt < SHORT_LIFE_MS;
  return { replaceClient: true, clientDeaths: early ? clientDeaths + 1 : 0 };
}
