import type { SessionRecord } from '../../ports/index.ts';

/** How many logins may be tried. Synapse allows five at once, and then one per 333 s. */
export interface LoginBudget {
  /** Logins that may follow each other without a wait. Default 5. */
  readonly burst: number;
  /** Time after which one more login may be tried, in ms. Default 333,000. */
  readonly perMs: number;
}

export const defaultLoginBudget: LoginBudget = { burst: 5, perMs: 333_000 };

/** When the next login may be tried, in ms since the epoch: not later than `now` if at once. */
export function budgetAllowsAt(budget: LoginBudget, record: SessionRecord | undefined, now: number): number {
  return fullAt(budget, record, now) - (budget.burst - 1) * budget.perMs;
}

/** The record with one more login in it. */
export function withLogin(budget: LoginBudget, record: SessionRecord, now: number): SessionRecord {
  return { ...record, loginBudgetFullAt: fullAt(budget, record, now) + budget.perMs };
}

/** When the budget is whole again; a clock that was set back must not lock the bot out for longer than a spent budget does. */
function fullAt({ burst, perMs }: LoginBudget, record: SessionRecord | undefined, now: number): number {
  return Math.min(Math.max(now, record?.loginBudgetFullAt ?? 0), now + burst * perMs);
}
