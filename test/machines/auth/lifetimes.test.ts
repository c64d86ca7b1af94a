import { describe, expect, test } from 'vitest';
import { requestTimeoutMs } from '../../../src/machines/index.ts';
import { atNoon, pass } from './at-noon.ts';
import type { HeldMachine } from './held-machine.ts';
import { connected, noon, refused, reject, renewed, required, session, timer, valid } from './sessions.ts';

atNoon();

/** The token in use is renewed, by one that lives this long from when its request was sent. */
async function renewedFor(held: HeldMachine, lifetimeMs: number, tookMs = 0): Promise<void> {
  const generation = (held.context.session?.generation ?? 0) + 1;
  const sentAt = Date.now();
  pass(tookMs);
  await held.answer(
    'exchange',
    renewed(session(generation, { obtainedAt: sentAt, expiresAt: sentAt + lifetimeMs })),
  );
  await held.answer('connect', connected);
}

describe('a token that has expired on arrival', () => {
  test('is used, and the next renewal waits as the breaker does, longer each time', async () => {
    const held = await valid();
    held.clock.fire(timer.renewal);
    const waits: number[] = [];
    for (let count = 0; count < 3; count += 1) {
      await renewedFor(held, 1_500, 1_500);
      expect(held.value).toEqual({ valid: 'scheduled' });
      waits.push(held.clock.msOf(timer.renewal));
      held.clock.fire(timer.renewal);
    }
    expect(waits).toEqual([1_000, 4_000, 16_000]);
  });

  test('is one that expires within the time that its renewal took, too', async () => {
    const held = await valid();
    held.clock.fire(timer.renewal);
    await renewedFor(held, 5_000, 3_000);
    expect(held.clock.msOf(timer.renewal)).toBe(1_000);
  });

  test('is forgotten once a token has come that lives', async () => {
    const held = await valid();
    held.clock.fire(timer.renewal);
    await renewedFor(held, 1_500, 1_500);
    held.clock.fire(timer.renewal);
    await renewedFor(held, 300_000);
    expect(held.context.token.shortLifetimes).toBe(0);
    expect(held.clock.msOf(timer.renewal)).toBeGreaterThan(190_000);
  });
});

describe('lifetimes that are too short to be true', () => {
  test('are not planned with from the third on: the token is used until it is refused', async () => {
    const held = await valid();
    held.clock.fire(timer.renewal);
    for (let count = 0; count < 2; count += 1) {
      await renewedFor(held, 300);
      expect(held.value).toEqual({ valid: 'scheduled' });
      held.clock.fire(timer.renewal);
    }
    await renewedFor(held, 300);
    expect(held.value).toEqual({ valid: 'resting' });
    pass(60_000);
    await reject(held, 4);
    expect(held.value).toEqual(required('exchanging'));
  });

  test('are told once', async () => {
    const held = await valid();
    held.clock.fire(timer.renewal);
    for (let count = 0; count < 5; count += 1) {
      await renewedFor(held, 300);
      pass(60_000);
      await reject(held, held.context.session?.generation ?? 0);
    }
    expect(held.emitted.filter(({ type }) => type === 'warning')).toEqual([
      { type: 'warning', warning: expect.objectContaining({ kind: 'lifetime-implausible' }) },
    ]);
  });
});

describe('the wait that a homeserver asks for', () => {
  test.each([
    [429, 86_400_000, 3_600_000],
    [429, 30_000, 30_000],
    [503, 86_400_000, 60_000],
    [503, Number.POSITIVE_INFINITY, 60_000],
  ])('with %i and %i ms is %i ms at the most', async (status, asked, waited) => {
    const held = await valid();
    await reject(held, 1);
    await held.answer('exchange', refused('refresh', status, 'M_UNKNOWN', asked));
    expect(held.context.notBefore).toBe(noon + waited);
    expect(held.clock.msOf(timer.backoff)).toBe(waited);
  });
});

test('the time limit of a request grows with the failures before it', () => {
  expect([0, 1, 2, 3, 50].map((failures) => requestTimeoutMs(failures))).toEqual([
    10_000, 20_000, 30_000, 30_000, 30_000,
  ]);
});
