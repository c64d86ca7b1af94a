import type { SessionRecord } from '../../ports/index.ts';

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

/** When the next login may be tried, in ms since the epoch: not later than `now` if at once. */
export function budgetAllowsAt(budget: LoginBudget, record: SessionRecord | undefined, now: number): number {
  const { loginBudgetFullAt = 0, loginNotBefore = 0 } = withinReach(budget, record ?? {}, now);
  return Math.max(Math.max(now, loginBudgetFullAt) - (budget.burst - 1) * budget.perMs, loginNotBefore);
}

/** The record with one more login in it. */
export function withLogin(budget: LoginBudget, record: SessionRecord, now: number): SessionRecord {
  const { loginBudgetFullAt = 0 } = withinReach(budget, record, now);
  return { ...record, loginBudgetFullAt: Math.max(now, loginBudgetFullAt) + budget.perMs };
}

/**
 * The record whose times are no further off than a right clock can have put them. What lies further off was written
 * before the clock was set back. Where a login is refused this has to be stored: the bound moves on with `now`, and the
 * refusal with it. Returns the same record where there is nothing to change.
 */
export function withinReach(
  { burst, perMs }: LoginBudget,
  record: SessionRecord,
  now: number,
): SessionRecord {
  const { loginBudgetFullAt = 0, loginNotBefore = 0 } = record;
  const latest = { full: now + burst * perMs, notBefore: now + LONGEST_WAIT_MS };
  if (loginBudgetFullAt <= latest.full && loginNotBefore <= latest.notBefore) return record;
  return {
    ...record,
    ...(loginBudgetFullAt > latest.full ? { loginBudgetFullAt: latest.full } : {}),
    ...(loginNotBefore > latest.notBefore ? { loginNotBefore: latest.notBefore } : {}),
  };
}
