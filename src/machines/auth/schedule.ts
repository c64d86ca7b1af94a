import type { Rejection } from './rejections.ts';
import type { Session } from './session.ts';

/** How long the machine waits for what. All in ms, apart from the two shares. */
export interface Schedule {
  /** Share of a token's lifetime after which it is refreshed. Default 2/3. */
  readonly refreshAfter: number;
  /** A share of the lifetime, from 0 to this, is added, so that many bots do not ask at once. Default 0.1. */
  readonly refreshJitter: number;
  /** Requests stop using a token this long before it expires, or at 5 % of its lifetime if that is less. Default 10,000. */
  readonly expiryMarginMs: number;
  /** First wait after a failed attempt; it doubles with each further one. Default 1,000. */
  readonly backoffMinMs: number;
  /** Longest wait after a failed attempt, unless the server asked for a longer one. Less than a request is held for. Default 60,000. */
  readonly backoffMaxMs: number;
  /** First wait after a token was refused straight after it had been issued; it grows fourfold. Default 1,000. */
  readonly breakerMinMs: number;
  /** Longest such wait. Default 300,000. */
  readonly breakerMaxMs: number;
  /** How often a locked account is asked whether it is unlocked: after `backoffMinMs` at first, then ever more seldom, down to this. Default 60,000. */
  readonly lockProbeMs: number;
  /** The longest wait that a homeserver's Retry-After can ask for. Default 3,600,000. */
  readonly retryAfterMaxMs: number;
  /** The same for an answer with a status of 500 or more: those often come from a proxy. Default 60,000. */
  readonly serverErrorRetryAfterMaxMs: number;
}

export const defaultSchedule: Schedule = {
  refreshAfter: 2 / 3,
  refreshJitter: 0.1,
  expiryMarginMs: 10_000,
  backoffMinMs: 1_000,
  backoffMaxMs: 60_000,
  breakerMinMs: 1_000,
  breakerMaxMs: 300_000,
  lockProbeMs: 60_000,
  retryAfterMaxMs: 3_600_000,
  serverErrorRetryAfterMaxMs: 60_000,
};

/** Timers longer than this fire at once in Node and in browsers. A token that lives longer is just refreshed earlier. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * When to renew ahead of the expiry, in ms since the epoch: at 2/3 of the lifetime plus jitter. `undefined` where the
 * token does not expire.
 *
 * The jitter comes from the token's fingerprint and the machine's salt, so that it stays the same each time it is asked for.
 */
export function renewalDueAt(session: Session, schedule: Schedule, salt: number): number | undefined {
  if (expiryOf(session) === undefined) return undefined;
  const jitter = (Number.parseInt(session.fingerprint, 16) / 2 ** 32 + salt) % 1;
  return session.obtainedAt + lifetimeOf(session) * (schedule.refreshAfter + jitter * schedule.refreshJitter);
}

/** From when on no request should use the token, in ms since the epoch. */
export function expiryDueAt(session: Session, schedule: Schedule): number | undefined {
  const expiresAt = expiryOf(session);
  if (expiresAt === undefined) return undefined;
  return expiresAt - Math.min(schedule.expiryMarginMs, lifetimeOf(session) * 0.05);
}

/**
 * When the token expires, in ms since the epoch; `undefined` where it does not. A token that is said to have expired
 * when it was issued cannot be planned with: whether it works is left to the homeserver to say.
 */
export function expiryOf({ obtainedAt, expiresAt }: Session): number | undefined {
  return (expiresAt ?? 0) > obtainedAt ? expiresAt : undefined;
}

/** A wait as a timer can bear it; for `undefined`, the longest one. */
export function timerOf(waitMs: number | undefined): number {
  return Math.min(LONGEST_TIMER_MS, waitMs ?? LONGEST_TIMER_MS);
}

/**
 * How long to wait after `failures` failures in a row (1 or more): doubling from `backoffMinMs` to `backoffMaxMs`,
 * between half and the whole of it by `salt`; no longer than until the token expires, for then requests begin to wait;
 * and in any case as long as the server asked for.
 */
export function backoffMs(
  failures: number,
  schedule: Schedule,
  { now, salt, notBefore = 0, session }: BackoffCircumstances,
): number {
  const ceiling = Math.min(
    schedule.backoffMaxMs,
    schedule.backoffMinMs * 2 ** Math.min(Math.max(failures - 1, 0), 30),
  );
  const untilExpiry = ((session && expiryDueAt(session, schedule)) ?? 0) - now;
  const limit = untilExpiry > 0 ? Math.max(untilExpiry, schedule.backoffMinMs) : Number.POSITIVE_INFINITY;
  return Math.min(LONGEST_TIMER_MS, Math.max(Math.min(ceiling * (0.5 + salt / 2), limit), notBefore - now));
}

/** Until when a refusal asks to wait, in ms since the epoch; `undefined` where it does not ask. */
export function retryAt(
  { status, retryAfterMs }: Rejection,
  schedule: Schedule,
  now: number,
): number | undefined {
  if (retryAfterMs === undefined) return undefined;
  const longest = status >= 500 ? schedule.serverErrorRetryAfterMaxMs : schedule.retryAfterMaxMs;
  return now + Math.min(retryAfterMs, longest);
}

/** Time limits grow with the attempts that failed, to this many times the first one. */
const LONGEST_LIMIT = 3;

/**
 * How long a login, a refresh or a whoami may take, in ms, after `failures` attempts in a row that failed. The first
 * limit is short, since requests wait meanwhile; it grows, since a slow homeserver needs longer. Default 10,000, then
 * 20,000, then 30,000.
 */
export function requestTimeoutMs(failures: number, firstMs = 10_000): number {
  return firstMs * Math.min(failures + 1, LONGEST_LIMIT);
}

/** How long to wait before a locked account is asked again, after `failures` answers that it is locked. */
export function lockProbeMs(
  failures: number,
  schedule: Schedule,
  circumstances: Omit<BackoffCircumstances, 'session'>,
): number {
  return backoffMs(failures, { ...schedule, backoffMaxMs: schedule.lockProbeMs }, circumstances);
}

export interface BackoffCircumstances {
  readonly now: number;
  readonly salt: number;
  readonly notBefore?: number | undefined;
  readonly session?: Session | undefined;
}

/** How long the breaker stays open when `earlyDeaths` tokens in a row (1 or more) were refused soon after their issue. */
export function breakerMs(earlyDeaths: number, schedule: Schedule): number {
  return Math.min(schedule.breakerMaxMs, schedule.breakerMinMs * 4 ** Math.min(earlyDeaths - 1, 15));
}

/** A token refused this soon after its issue did not simply run out. */
export function diedEarly(session: Session | undefined, now: number): boolean {
  return session !== undefined && now - session.obtainedAt < Math.min(60_000, lifetimeOf(session) / 3);
}

/** A token that lives less than this is hardly meant so: a homeserver may have counted in seconds. */
const SHORTEST_PLAUSIBLE_MS = 1_000;
/** So many such tokens in a row, and their lifetimes are no longer planned with. */
export const IMPLAUSIBLE_IN_A_ROW = 3;

export function implausible(session: Session): boolean {
  return (session.expiresAt ?? Number.POSITIVE_INFINITY) - session.obtainedAt < SHORTEST_PLAUSIBLE_MS;
}

/** The token has expired at its arrival, `now`, or expires within the time that its renewal has taken. */
export function arrivedExpired({ obtainedAt, expiresAt }: Session, now: number): boolean {
  return expiresAt !== undefined && expiresAt - now <= now - obtainedAt;
}

/** A client that ends within this time of its start did so for a reason that a new one will meet as well. */
const SHORT_LIFE_MS = 60_000;

export function shortLived(connectedAt: number | undefined, now: number): boolean {
  return now - (connectedAt ?? 0) < SHORT_LIFE_MS;
}

function lifetimeOf(session: Session): number {
  return (expiryOf(session) ?? Number.POSITIVE_INFINITY) - session.obtainedAt;
}
