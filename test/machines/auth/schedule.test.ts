import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  backoffMs,
  breakerMs,
  defaultSchedule as schedule,
  expiryDueAt,
  renewalDueAt,
  type Session,
} from '../../../src/machines/index.ts';
import { diedEarly, lockProbeMs, timerOf } from '../../../src/machines/auth/schedule.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const minute = 60_000;
const day = 86_400_000;
const obtainedAt = Date.parse('2026-03-01T12:00:00Z');

const session = (lifetimeMs: number | undefined, over: Partial<Session> = {}): Session => ({
  generation: 1,
  fingerprint: '00000000',
  obtainedAt,
  ...(lifetimeMs === undefined ? {} : { expiresAt: obtainedAt + lifetimeMs }),
  refreshable: true,
  ...over,
});

const salt = fc.double({ min: 0, max: 1, noNaN: true });
const fingerprint = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((n) => n.toString(16).padStart(8, '0'));
const lifetime = fc.integer({ min: 1, max: 365 * day });

describe('a token that can be refreshed', () => {
  test('is renewed at two thirds of its life, without jitter', () => {
    expect(renewalDueAt(session(5 * minute), schedule, 0)).toBe(obtainedAt + 200_000);
    expect(renewalDueAt(session(5 * minute), schedule, 1)).toBe(obtainedAt + 200_000);
  });

  test('is renewed later by up to a tenth of its life, as its fingerprint and the machine’s salt say', () => {
    const halfway = session(5 * minute, { fingerprint: '80000000' });
    expect(renewalDueAt(halfway, schedule, 0)).toBe(obtainedAt + 215_000);
    expect(renewalDueAt(halfway, schedule, 0.25)).toBe(obtainedAt + 222_500);
    expect(renewalDueAt(halfway, schedule, 0.5)).toBe(obtainedAt + 200_000);
  });

  test('is renewed between two thirds and 77 % of its life, always before requests stop to use it', () => {
    fc.assert(
      fc.property(lifetime, fingerprint, salt, (ms, print, grain) => {
        const token = session(ms, { fingerprint: print });
        const due = renewalDueAt(token, schedule, grain) ?? Number.NaN;
        expect(due).toBeGreaterThanOrEqual(obtainedAt + (ms * 2) / 3 - 1e-3);
        expect(due).toBeLessThanOrEqual(obtainedAt + ms * (2 / 3 + 0.1) + 1e-3);
        expect(due).toBeLessThan(expiryDueAt(token, schedule) ?? Number.NaN);
        expect(renewalDueAt(token, schedule, grain)).toBe(due);
      }),
    );
  });

  test('spreads over its window: no tenth of it is left out by a hundred machines', () => {
    const tenths = new Set(
      Array.from({ length: 100 }, (_, index) => {
        const due = renewalDueAt(session(5 * minute), schedule, index / 100) ?? 0;
        return Math.floor((due - obtainedAt - 200_000) / 3_000);
      }),
    );
    expect([...tenths].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

test('a token that does not expire is never due', () => {
  expect(renewalDueAt(session(undefined), schedule, 0)).toBeUndefined();
  expect(expiryDueAt(session(undefined), schedule)).toBeUndefined();
});

describe('requests stop to use a token', () => {
  test.each([
    [5 * minute, 10_000],
    [60 * minute, 10_000],
    [200_000, 10_000],
    [100_000, 5_000],
    [1_000, 50],
  ])('of %i ms, %i ms before its end', (lifetimeMs, margin) => {
    expect(expiryDueAt(session(lifetimeMs), schedule)).toBe(obtainedAt + lifetimeMs - margin);
  });

  test.each([0, -5_000])('only by its refusal, if it lived for %i ms when it came', (lifetimeMs) => {
    expect(expiryDueAt(session(lifetimeMs), schedule)).toBeUndefined();
    expect(renewalDueAt(session(lifetimeMs), schedule, 0)).toBeUndefined();
  });
});

describe('a timer', () => {
  test.each([
    [1_234, 1_234],
    [0, 0],
    [60 * day, LONGEST_TIMER_MS],
    [undefined, LONGEST_TIMER_MS],
  ])('for a wait of %s is %s ms long', (waitMs, ms) => {
    expect(timerOf(waitMs)).toBe(ms);
  });
});

describe('after failures', () => {
  const wait = (failures: number, grain: number, notBefore?: number) =>
    backoffMs(failures, schedule, { now: obtainedAt, salt: grain, notBefore });

  test('the wait doubles from a second to a minute', () => {
    expect([1, 2, 3, 4, 6, 7, 100, 5_000].map((failures) => wait(failures, 1))).toEqual([
      1_000, 2_000, 4_000, 8_000, 32_000, 60_000, 60_000, 60_000,
    ]);
  });

  describe('while a token still serves', () => {
    const session5 = session(5 * minute);
    const expiry = obtainedAt + 5 * minute - 10_000;
    const waitAt = (now: number) => backoffMs(100, schedule, { now, salt: 1, session: session5 });

    test('the wait is no longer than until requests begin to wait', () => {
      expect(waitAt(obtainedAt)).toBe(60_000);
      expect(waitAt(expiry - 20_000)).toBe(20_000);
    });

    test('but no shorter than the first wait', () => {
      expect(waitAt(expiry - 5)).toBe(1_000);
    });

    test('and as long as ever once they wait, or where the token does not expire', () => {
      expect(waitAt(expiry)).toBe(60_000);
      expect(waitAt(expiry + 5_000)).toBe(60_000);
      expect(backoffMs(100, schedule, { now: obtainedAt, salt: 1, session: session(undefined) })).toBe(
        60_000,
      );
    });
  });

  test('the wait for a locked account grows to its own limit', () => {
    const waits = [0, 1, 2, 6, 7, 50].map((failures) =>
      lockProbeMs(failures, { ...schedule, lockProbeMs: 50_000 }, { now: obtainedAt, salt: 1 }),
    );
    expect(waits).toEqual([1_000, 1_000, 2_000, 32_000, 50_000, 50_000]);
    const asked = { now: obtainedAt, salt: 1, notBefore: obtainedAt + 90_000 };
    expect(lockProbeMs(1, schedule, asked)).toBe(90_000);
  });

  test('it is between half and the whole of that, by the salt', () => {
    expect([0, 0.5, 1].map((grain) => wait(3, grain))).toEqual([2_000, 3_000, 4_000]);
  });

  test('it is never shorter than the server asked for, and no longer for a time that is past', () => {
    expect(wait(1, 0, obtainedAt + 30_000)).toBe(30_000);
    expect(wait(1, 0, obtainedAt + 20 * minute)).toBe(20 * minute);
    expect(wait(3, 0, obtainedAt - 30_000)).toBe(2_000);
  });

  test('it grows with each failure and stays within its bounds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        salt,
        fc.integer({ min: -day, max: 100 * day }),
        (n, grain, ask) => {
          const ms = wait(n, grain, obtainedAt + ask);
          expect(ms).toBeGreaterThanOrEqual(500);
          expect(ms).toBeGreaterThanOrEqual(Math.min(ask, LONGEST_TIMER_MS));
          expect(ms).toBeLessThanOrEqual(Math.min(LONGEST_TIMER_MS, Math.max(schedule.backoffMaxMs, ask)));
          expect(wait(n + 1, grain, obtainedAt + ask)).toBeGreaterThanOrEqual(ms);
        },
      ),
    );
  });
});

test('the breaker stays open four times longer with each early death, up to five minutes', () => {
  expect([1, 2, 3, 4, 5, 6, 1_000].map((deaths) => breakerMs(deaths, schedule))).toEqual([
    1_000, 4_000, 16_000, 64_000, 256_000, 300_000, 300_000,
  ]);
});

describe('a token died early', () => {
  test.each([
    ['of five minutes, refused after 59.999 s', 5 * minute, 59_999, true],
    ['of five minutes, refused after a minute', 5 * minute, minute, false],
    ['of a minute, refused before a third of it', minute, 19_999, true],
    ['of a minute, refused after a third of it', minute, 20_000, false],
    ['that does not expire, refused within a minute', undefined, 59_999, true],
    ['that does not expire, refused after a minute', undefined, minute, false],
    ['that was obtained in the future, the clock having been set back', 5 * minute, -minute, true],
  ] as const)('%s: %s', (_, lifetimeMs, age, early) => {
    expect(diedEarly(session(lifetimeMs), obtainedAt + age)).toBe(early);
  });
});
