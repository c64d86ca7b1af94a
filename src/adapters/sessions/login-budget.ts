import type { LoginsRecord, SessionRecord, SessionStore } from '../../ports/index.ts';
import type { StoreFailure } from './session-renewal.ts';

/** How many logins may be tried. Synapse allows five at once, and then one per 333 s. */
export interface LoginBudget {
  /** Logins that may follow each other without a wait. Default 5. */
  readonly burst: number;
  /** Time after which one more login may be tried, in ms. Default 333,000. */
  readonly perMs: number;
}

export const defaultLoginBudget: LoginBudget = { burst: 5, perMs: 333_000 };

/** A homeserver that wants a longer wait than this (ms) is asked once more after it all the same. */
const LONGEST_WAIT_MS = 3_600_000;

/** What was stored of logins, by this version or an older one. */
export function loginsIn(logins: LoginsRecord | undefined, session: SessionRecord | undefined): LoginsRecord {
  if (logins !== undefined) return logins;
  const { loginBudgetFullAt: budgetFullAt, loginNotBefore: notBefore } = session ?? {};
  return {
    ...(budgetFullAt === undefined ? {} : { budgetFullAt }),
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}

/** When the next login may be tried, in ms since the epoch: not later than `now` if at once. */
export function budgetAllowsAt(budget: LoginBudget, record: LoginsRecord | undefined, now: number): number {
  const { budgetFullAt = 0, notBefore = 0 } = withinReach(budget, record ?? {}, now);
  return Math.max(Math.max(now, budgetFullAt) - (budget.burst - 1) * budget.perMs, notBefore);
}

/** The record with one more login in it. */
export function withLogin(budget: LoginBudget, record: LoginsRecord, now: number): LoginsRecord {
  const { budgetFullAt = 0 } = withinReach(budget, record, now);
  return { ...record, budgetFullAt: Math.max(now, budgetFullAt) + budget.perMs };
}

/**
 * The record whose times are no further off than a right clock can have put them. What lies further off was written
 * before the clock was set back. Where a login is refused this has to be stored: the bound moves on with `now`, and the
 * refusal with it. Returns the same record where there is nothing to change.
 */
export function withinReach({ burst, perMs }: LoginBudget, record: LoginsRecord, now: number): LoginsRecord {
  const { budgetFullAt = 0, notBefore = 0 } = record;
  const latest = { full: now + burst * perMs, notBefore: now + LONGEST_WAIT_MS };
  if (budgetFullAt <= latest.full && notBefore <= latest.notBefore) return record;
  return {
    ...record,
    ...(budgetFullAt > latest.full ? { budgetFullAt: latest.full } : {}),
    ...(notBefore > latest.notBefore ? { notBefore: latest.notBefore } : {}),
  };
}

/** Why no login may be tried yet. */
export interface LoginWait {
  /** In ms since the epoch. */
  readonly until: number;
  /** The homeserver has asked for it; else the budget is spent. */
  readonly asked: boolean;
}

/** Notes that a login is about to be tried; or returns why none may be yet. */
export function bookLogin(
  store: SessionStore,
  name: string,
  budget: LoginBudget,
  session: SessionRecord | undefined,
): Promise<LoginWait | undefined> {
  return store.update(name, 'logins', (record) => {
    const now = Date.now();
    const logins = loginsIn(record, session);
    const allowedAt = budgetAllowsAt(budget, logins, now);
    if (allowedAt <= now) return { record: withLogin(budget, logins, now), result: undefined };
    const reached = withinReach(budget, logins, now);
    const wait: LoginWait = { until: allowedAt, asked: allowedAt === reached.notBefore };
    return reached === record ? { result: wait } : { record: reached, result: wait };
  });
}

/** What a login that has to wait comes to. */
export function tooEarly({ until: notBefore, asked }: LoginWait): StoreFailure {
  return asked
    ? {
        kind: 'trouble',
        code: 'rate-limited',
        why: 'the homeserver has asked to wait with the next login',
        notBefore,
      }
    : { kind: 'trouble', code: 'login-budget-spent', why: 'the login budget is spent', notBefore };
}

/** Notes how long the homeserver wants no login. */
export async function noteRetryAfter(
  store: SessionStore,
  name: string,
  retryAfterMs: number | undefined,
): Promise<void> {
  if (retryAfterMs === undefined) return;
  const notBefore = Date.now() + retryAfterMs;
  await store.update(name, 'logins', (record) => ({ record: { ...record, notBefore }, result: undefined }));
}
