// What the machine should do and does not yet. A test that begins to pass is mended: it then loses its `fails`.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { HeldMachine } from './held-machine.ts';
import { connected, noon, refused, rejected, timer, valid } from './sessions.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: noon }));
afterEach(() => vi.useRealTimers());

async function afterEarlyDeath(): Promise<HeldMachine> {
  const held = await valid();
  held.actor.send({ type: 'client.died' });
  return held;
}

test.fails('once a client that had died is live again, no trouble is left', async () => {
  const held = await afterEarlyDeath();
  held.clock.fire(timer.verifying);
  await held.answer('connect', connected);
  expect(held.context).toMatchObject({ failures: 0, trouble: undefined });
});

test.fails('while a client is not started again yet, requests may use the token, which works', async () => {
  const held = await afterEarlyDeath();
  expect(held.value).toEqual({ reconnecting: 'backingOff' });
  expect(held.actor.getSnapshot().hasTag('usable')).toBe(true);
});

test.fails('that refresh tokens are not supported is said once, not at each attempt', async () => {
  const held = await valid({ canLogIn: false });
  held.actor.send(rejected(1));
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await held.answer('exchange', refused('refresh', 404, 'M_UNRECOGNIZED'));
    held.clock.fire(timer.backoff);
  }
  expect(held.emitted.filter(({ type }) => type === 'warning')).toHaveLength(1);
});
