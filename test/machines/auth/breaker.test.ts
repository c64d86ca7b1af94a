import { describe, expect, test } from 'vitest';
import { initialContext } from '../../../src/machines/auth/context.ts';
import { guards } from '../../../src/machines/auth/guards.ts';
import type { IdentifyOutcome } from '../../../src/machines/index.ts';
import type { HeldMachine } from './held-machine.ts';
import {
  connected,
  identified,
  loginRefused,
  noon,
  refuseRefresh,
  reject,
  renewed,
  required,
  session,
  stillLocked,
  timer,
  tokenRefused,
  valid,
} from './sessions.ts';
import { atNoon, pass } from './at-noon.ts';

atNoon();

/** The token in use is refused, and another one is got by a refresh. */
async function refreshed(held: HeldMachine): Promise<void> {
  const generation = held.context.session?.generation ?? 0;
  await reject(held, generation);
  await held.answer('exchange', renewed(session(generation + 1)));
  await held.answer('connect', connected);
}

describe('a token that is refused', () => {
  test('is none where there is no session', () => {
    const context = initialContext(undefined);
    expect(guards.currentTokenRejected({ context }, { generation: 0 })).toBe(false);
    expect(guards.currentTokenRenewable({ context }, { generation: 0 })).toBe(false);
    expect(guards.freshTokenDead({ context }, tokenRefused as IdentifyOutcome)).toBe(false);
  });

  test('straight after it was issued, and never worked, opens the breaker', async () => {
    const held = await valid();
    await refreshed(held);
    await reject(held, 2);
    expect(held.value).toEqual(required('coolingDown'));
    expect(held.emitted.at(-1)).toMatchObject({ type: 'warning', warning: { kind: 'breaker' } });
    expect(held.actor.getSnapshot().hasTag('usable')).toBe(false);
  });

  test('before the client is up opens it, too', async () => {
    const held = await valid();
    await reject(held, 1);
    await held.answer('exchange', renewed(session(2)));
    await reject(held, 2);
    expect(held.value).toEqual(required('coolingDown'));
  });

  test('by whoami straight after a login opens it, too', async () => {
    const held = await valid({ session: session(1, { refreshable: false }) });
    await reject(held, 1);
    await held.answer('logIn', renewed(session(2)));
    await held.answer('identify', tokenRefused);
    expect(held.value).toEqual(required('coolingDown'));
  });

  test('by whoami because the account is locked is met as that', async () => {
    const held = await valid({ session: session(1, { refreshable: false }) });
    await reject(held, 1);
    await held.answer('logIn', renewed(session(2)));
    await held.answer('identify', stillLocked);
    expect(held.value).toEqual({ locked: 'waiting' });
  });

  test('by whoami, although it was restored from the store, is just renewed', async () => {
    const held = await valid();
    await refreshed(held);
    await reject(held, 2);
    held.clock.fire(timer.breaker);
    await refuseRefresh(held);
    await held.answer('logIn', loginRefused);
    expect(held.value).toBe('failed');
    held.actor.send({ type: 'retry' });
    await held.answer('restore', { outcome: 'restored', session: session(3), canLogIn: true });
    expect(held.context.verified).toBe(false);
    await held.answer('identify', tokenRefused);
    expect(held.value).toEqual(required('exchanging'));
  });

  test('after it had worked is just renewed', async () => {
    const held = await valid();
    await refreshed(held);
    held.actor.send({ type: 'token.confirmed', generation: 2 });
    await reject(held, 2);
    expect(held.value).toEqual(required('exchanging'));
  });

  test('early for the third time in a row opens the breaker, although each had worked', async () => {
    const held = await valid();
    for (const generation of [2, 3]) {
      await refreshed(held);
      held.actor.send({ type: 'token.confirmed', generation });
    }
    await reject(held, 3);
    expect(held.value).toEqual(required('coolingDown'));
  });

  test('at the end of its life is no sign of trouble', async () => {
    const held = await valid();
    await refreshed(held);
    pass(100_000);
    await reject(held, 2);
    expect(held.value).toEqual(required('exchanging'));
    expect(held.context.token.earlyDeaths).toBe(0);
  });

  test('and was restored from the store may be old, so it is just renewed', async () => {
    const held = await valid();
    await reject(held, 1);
    expect(held.value).toEqual(required('exchanging'));
  });

  test('and was confirmed only for another generation was never proven', async () => {
    const held = await valid();
    await refreshed(held);
    held.actor.send({ type: 'token.confirmed', generation: 1 });
    await reject(held, 2);
    expect(held.value).toEqual(required('coolingDown'));
  });
});

describe('the breaker', () => {
  test('closes by itself, later each time, up to five minutes', async () => {
    const held = await valid({
      session: session(1, { obtainedAt: noon - 200_000, expiresAt: noon + 100_000 }),
    });
    await refreshed(held);
    const waits: number[] = [];
    for (let generation = 2; generation < 9; generation += 1) {
      await reject(held, generation);
      waits.push(held.clock.msOf(timer.breaker));
      held.clock.fire(timer.breaker);
      await held.answer('exchange', renewed(session(generation + 1)));
      await held.answer('connect', connected);
    }
    expect(waits).toEqual([1_000, 4_000, 16_000, 64_000, 256_000, 300_000, 300_000]);
  });

  test('is forgotten once a token has lived', async () => {
    const held = await valid();
    await refreshed(held);
    await reject(held, 2);
    held.clock.fire(timer.breaker);
    await held.answer('exchange', renewed(session(3)));
    await held.answer('connect', connected);
    pass(200_000);
    await reject(held, 3);
    await held.answer('exchange', renewed(session(4)));
    await held.answer('connect', connected);
    await reject(held, 4);
    expect(held.clock.msOf(timer.breaker)).toBe(1_000);
  });

  test('closes when somebody asks to try again', async () => {
    const held = await valid();
    await refreshed(held);
    await reject(held, 2);
    held.actor.send({ type: 'retry' });
    expect(held.value).toEqual(required('exchanging'));
    expect(held.context.breakerOpen).toBe(false);
  });

  test('does not hold back a session that another process has got', async () => {
    const held = await valid();
    await refreshed(held);
    await reject(held, 2);
    held.actor.send({ type: 'session.adopted', session: session(3) });
    expect(held.value).toEqual({ reconnecting: 'connecting' });
    expect(held.context.breakerOpen).toBe(false);
  });
});

test('identification proves a token as well as a request does', async () => {
  const held = await valid({ session: session(1, { refreshable: false }) });
  await reject(held, 1);
  await held.answer('logIn', renewed(session(2, { refreshable: false })));
  await held.answer('identify', identified);
  await reject(held, 2);
  expect(held.value).toEqual(required('loggingIn'));
});
