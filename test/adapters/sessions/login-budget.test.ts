import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  budgetAllowsAt,
  defaultLoginBudget,
  type LoginBudget,
  withinReach,
  withLogin,
} from '../../../src/adapters/sessions/login-budget.ts';
import type { LoginsRecord } from '../../../src/ports/index.ts';

const start = 1_700_000_000_000;

/** Tries a login after each of these gaps, as the keeper does, and returns when it was allowed. */
function tryAfter(budget: LoginBudget, gapsMs: readonly number[]): number[] {
  let record: LoginsRecord = {};
  let now = start;
  const logins: number[] = [];
  for (const gap of gapsMs) {
    now += gap;
    if (budgetAllowsAt(budget, record, now) > now) continue;
    record = withLogin(budget, record, now);
    logins.push(now);
  }
  return logins;
}

/** By how many logins the worst window exceeds what the budget allows in it. */
function excess({ burst, perMs }: LoginBudget, logins: readonly number[]): number {
  let worst = Number.NEGATIVE_INFINITY;
  for (const [i, from] of logins.entries()) {
    for (const [j, to] of logins.entries()) {
      if (j >= i) worst = Math.max(worst, j - i + 1 - (burst + (to - from) / perMs));
    }
  }
  return worst;
}

const budgets = fc.record({
  burst: fc.integer({ min: 1, max: 6 }),
  perMs: fc.integer({ min: 10, max: 1_000 }),
});

describe('the login budget', () => {
  it('is what Synapse allows, by default', () => {
    expect(defaultLoginBudget).toEqual({ burst: 5, perMs: 333_000 });
  });

  it('allows the first logins at once, and then one per period', () => {
    const budget = { burst: 3, perMs: 100 };
    expect(tryAfter(budget, [0, 0, 0, 0])).toHaveLength(3);
    expect(tryAfter(budget, [0, 0, 0, 99, 1, 99, 1])).toEqual([0, 0, 0, 100, 200].map((ms) => start + ms));
  });

  it('is full again after a rest', () => {
    expect(tryAfter({ burst: 3, perMs: 100 }, [0, 0, 0, 300, 0, 0, 0])).toHaveLength(6);
  });

  it('says when the next login may be tried, and then allows it', () => {
    fc.assert(
      fc.property(
        budgets,
        fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 30 }),
        (budget, gaps) => {
          let record: LoginsRecord = {};
          let now = start;
          for (const gap of gaps) {
            now += gap;
            // A timer is at most a millisecond too early for what is a fraction of one.
            const at = budgetAllowsAt(budget, record, now);
            expect(at - now).toBeLessThanOrEqual(budget.perMs * (budget.burst + 1));
            now = Math.max(now, Math.ceil(at) + 1);
            expect(budgetAllowsAt(budget, record, now)).toBeLessThanOrEqual(now);
            record = withLogin(budget, record, now);
          }
        },
      ),
    );
  });

  it('never allows more than burst + elapsed / perMs logins in any window', () => {
    fc.assert(
      fc.property(
        budgets,
        fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 2_000 })), {
          maxLength: 120,
        }),
        (budget, gaps) => {
          expect(excess(budget, tryAfter(budget, gaps))).toBeLessThanOrEqual(1e-6);
        },
      ),
    );
  });

  it('never allows more, by the plainest example: a full burst, then one per period, then a burst', () => {
    const budget = { burst: 5, perMs: 100 };
    const gaps = [0, 0, 0, 0, ...Array<number>(10).fill(100), 0, 0, 0, 0];
    expect(tryAfter(budget, [0, ...gaps])).toHaveLength(5 + 10);
  });

  it('locks out for one period at the most when the clock was set back', () => {
    fc.assert(
      fc.property(budgets, fc.integer({ min: 1, max: 10 ** 10 }), (budget, backMs) => {
        let record: LoginsRecord = {};
        for (let login = 0; login < budget.burst; login += 1) record = withLogin(budget, record, start);
        expect(budgetAllowsAt(budget, record, start)).toBe(start + budget.perMs);
        const now = start - backMs;
        expect(budgetAllowsAt(budget, record, now)).toBeLessThanOrEqual(now + budget.perMs);
      }),
    );
  });

  it('leaves a record alone that a right clock can have written', () => {
    const budget = { burst: 3, perMs: 100 };
    for (const record of [{}, { budgetFullAt: start + 300 }, { notBefore: start + 3_600_000 }]) {
      expect(withinReach(budget, record, start)).toBe(record);
    }
  });

  it.each([
    ['the budget', { budgetFullAt: start + 301 }, { budgetFullAt: start + 300 }],
    ['a wait', { notBefore: start + 3_600_001 }, { notBefore: start + 3_600_000 }],
    [
      'the budget, beside a wait that is right,',
      { budgetFullAt: start + 301, notBefore: start + 5 },
      { budgetFullAt: start + 300, notBefore: start + 5 },
    ],
    [
      'a wait, beside a budget that is right,',
      { budgetFullAt: start + 5, notBefore: start + 3_600_001 },
      { budgetFullAt: start + 5, notBefore: start + 3_600_000 },
    ],
  ])('brings %s within reach that a wrong clock has put further off', (_, written, reached) => {
    const record = withinReach({ burst: 3, perMs: 100 }, written, start);
    expect(record).toStrictEqual(reached);
  });

  it('keeps the rest of the record', () => {
    expect(withLogin(defaultLoginBudget, { notBefore: 5 }, start)).toMatchObject({ notBefore: 5 });
  });
});
