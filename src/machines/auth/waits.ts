import type { AuthContext } from './context.ts';
import { backoffMs, breakerMs, expiryDueAt, lockProbeMs, renewalDueAt } from './schedule.ts';

export type NextStep = 'refresh' | 'log in' | 'try again' | 'ask whether it is unlocked';

/** What happens next by itself, and when (ms since the epoch). */
export interface Next {
  readonly what: NextStep;
  readonly at: number;
}

/** What of the context decides how long the machine waits. */
export type WaitContext = Pick<
  AuthContext,
  | 'session'
  | 'schedule'
  | 'salt'
  | 'failures'
  | 'notBefore'
  | 'canLogIn'
  | 'canAuthorize'
  | 'tokenGiven'
  | 'loginRefused'
  | 'token'
  | 'client'
>;

/** The machine's waits, in ms from `now`; `undefined`: not by itself. Its delays and {@link nextOf} both read them. */
export const waits = {
  renewalDue: (context: WaitContext, now: number) => until(renewalDue(context), now),
  expiryDue: (context: WaitContext, now: number) => until(expiryDue(context), now),
  backoff: ({ failures, schedule, ...rest }: WaitContext, now: number) =>
    backoffMs(failures, schedule, { now, ...planned(rest) }),
  breakerCooled: ({ token, schedule }: WaitContext) => breakerMs(token.earlyDeaths, schedule),
  clientPause: ({ client, failures, schedule, ...rest }: WaitContext, now: number) =>
    backoffMs(Math.max(client.deaths, failures), schedule, { now, ...planned(rest) }),
  lockProbe: ({ failures, schedule, salt, notBefore }: WaitContext, now: number) =>
    lockProbeMs(failures, schedule, { now, salt, notBefore }),
};

/**
 * When the token is renewed ahead of its end, in ms since the epoch; `undefined` where nothing can be done ahead. A
 * refresh, or a person's approval, is asked for in good time. A login costs login budget, and a token that was given is
 * taken in place of one that ends, so both wait until the token is as good as dead.
 */
export function renewalDue(context: WaitContext): number | undefined {
  const { session, schedule, salt, canLogIn, canAuthorize, tokenGiven, loginRefused, token } = context;
  if (session === undefined) return undefined;
  const canExchange = session.refreshable && !token.refreshRefused;
  const canSignIn = loginRefused === undefined && canLogIn;
  if (!token.lifetimeTrusted) return canExchange || canSignIn ? token.renewNotBefore : undefined;
  if (canExchange) return renewalDueAt(session, schedule, salt);
  if (canSignIn || tokenGiven) return expiryDueAt(session, schedule);
  return canAuthorize && loginRefused === undefined ? renewalDueAt(session, schedule, salt) : undefined;
}

function expiryDue({ session, schedule, token }: WaitContext): number | undefined {
  return session !== undefined && token.lifetimeTrusted ? expiryDueAt(session, schedule) : undefined;
}

/** A lifetime that cannot be planned with shortens no pause either. */
function planned<Rest extends Pick<WaitContext, 'session' | 'token'>>(rest: Rest): Rest {
  return rest.token.lifetimeTrusted ? rest : { ...rest, session: undefined };
}

function until(at: number | undefined, now: number): number | undefined {
  return at === undefined ? undefined : Math.max(0, at - now);
}

/**
 * The machine's state value as a path, such as `refreshing.required.exchanging`: names from the outermost to the
 * innermost, with dots between them. Parallel regions follow one another, and their own names are left out.
 */
export function statePath(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  let path = '';
  for (const name in value) {
    const inner = statePath((value as Readonly<Record<string, unknown>>)[name]);
    // The regions' names say nothing, the states in them do.
    const part = name === 'service' || name === 'renewal' ? inner : `${name}.${inner}`;
    path = path === '' ? part : `${path}.${part}`;
  }
  return path;
}

const waitOf: Readonly<Record<string, keyof typeof waits>> = {
  scheduled: 'renewalDue',
  backingOff: 'backoff',
  coolingDown: 'breakerCooled',
  pausing: 'clientPause',
  waiting: 'lockProbe',
};

/**
 * What a session does next by itself that came into the state `path` at `since` (ms since the epoch); `undefined`
 * where it waits for something else than a time.
 */
export function nextOf(path: string, context: WaitContext, since: number): Next | undefined {
  const step = path.split('.').at(-1) ?? '';
  const wait = waitOf[step];
  if (wait === undefined) return undefined;
  const waitMs = waits[wait](context, since);
  return waitMs === undefined ? undefined : { what: stepAfter(wait, context), at: since + waitMs };
}

function stepAfter(wait: keyof typeof waits, { session, token }: WaitContext): NextStep {
  if (wait === 'lockProbe') return 'ask whether it is unlocked';
  if (wait !== 'renewalDue') return 'try again';
  return session?.refreshable === true && !token.refreshRefused ? 'refresh' : 'log in';
}
