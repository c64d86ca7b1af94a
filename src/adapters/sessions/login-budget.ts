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
export function budgetAllowsAt(
  { burst, perMs }: LoginBudget,
  logins: readonly number[] = [],
  now: number,
): number {
  // A bucket that holds `burst` and gains one per `perMs`; a clock that was set back must not lock us out.
  let level = 0;
  let at = Number.NEGATIVE_INFINITY;
  for (const time of logins.filter((time) => time <= now)) {
    level = Math.max(0, level - (time - at) / perMs) + 1;
    at = time;
  }
  level = Math.max(0, level - (now - at) / perMs);
  return level <= burst - 1 ? now : now + (level - (burst - 1)) * perMs;
}

/** The record with one more login in it, and without those that no longer count. */
export function withLogin({ burst, perMs }: LoginBudget, record: SessionRecord, now: number): SessionRecord {
  const counting = (record.logins ?? []).filter((time) => time <= now && now - time < burst * perMs);
  return { ...record, logins: [...counting.slice(-burst), now] };
}
