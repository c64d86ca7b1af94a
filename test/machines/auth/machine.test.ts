import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import { authMachine, defaultSchedule } from '../../../src/machines/index.ts';
import { HeldMachine } from './held-machine.ts';
import {
  ahead,
  bareToken,
  connected,
  identified,
  lifetimeMs,
  noon,
  refused,
  reject,
  renewed,
  required,
  restored,
  session,
  timer,
  trouble,
  valid,
} from './sessions.ts';
import { atNoon, pass } from './at-noon.ts';

atNoon();
const emittedTypes = (held: HeldMachine) => held.emitted.map(({ type }) => type);

describe('the start', () => {
  test('begins with knowing nothing, on the schedule that is the default but for what was given', () => {
    const held = new HeldMachine({ salt: 0.25, schedule: { lockProbeMs: 5 } });
    expect(held.context).toEqual({
      schedule: { ...defaultSchedule, lockProbeMs: 5 },
      salt: 0.25,
      session: undefined,
      canLogIn: false,
      tokenGiven: false,
      verified: false,
      token: {
        issuedThisRun: false,
        issuedByRefresh: false,
        confirmed: false,
        doubted: false,
        dead: false,
        lifetimeTrusted: true,
        renewNotBefore: undefined,
        refreshRefused: false,
        everAccepted: false,
        neverAccepted: 0,
        shortLifetimes: 0,
        earlyDeaths: 0,
      },
      client: { connectedAt: undefined, deaths: 0, replace: false },
      canAuthorize: false,
      loginRefused: undefined,
      lockAnnounced: false,
      failures: 0,
      notBefore: undefined,
      lastTrouble: undefined,
      breakerOpen: false,
      failureReason: undefined,
    });
  });

  test('has fewer fields than make a context slow that is copied at each step', () => {
    expect(Object.keys(new HeldMachine().context).length).toBeLessThan(20);
  });

  test('has timers of its own without being told a salt', () => {
    const salts = Array.from({ length: 20 }, () => createActor(authMachine).getSnapshot().context.salt);
    expect(new Set(salts).size).toBeGreaterThan(1);
    for (const salt of salts) expect(salt).toSatisfy((each: number) => each >= 0 && each < 1);
  });

  test('reads the session, asks whose it is, connects, and is valid', async () => {
    const held = await valid();
    expect(held.value).toEqual({ valid: 'scheduled' });
    expect(held.calls.map(({ id }) => id)).toEqual(['restore', 'identify', 'connect']);
    expect(held.calls[2]?.input).toEqual({ generation: 1, failures: 0, replace: false });
    expect(held.actor.getSnapshot().tags).toEqual(new Set(['usable', 'live']));
  });

  test('logs in where nothing is stored', async () => {
    const held = new HeldMachine();
    held.actor.start();
    await held.answer('restore', { outcome: 'empty', canLogIn: true });
    expect(held.value).toEqual(required('loggingIn'));
    expect(held.pending[0]?.input).toEqual({ generation: 0, failures: 0 });
    await held.answer('logIn', renewed(session()));
    expect(held.value).toEqual({ reconnecting: 'verifying' });
    expect(emittedTypes(held)).toEqual(['logged-in']);
  });

  test('waits where a login is not refused for its credentials', async () => {
    const held = new HeldMachine();
    held.actor.start();
    await held.answer('restore', { outcome: 'empty', canLogIn: true });
    await held.answer('logIn', refused('login', 429, 'M_LIMIT_EXCEEDED', 20_000));
    expect(held.value).toEqual(required('backingOff'));
    expect(held.clock.msOf(timer.backoff)).toBe(20_000);
    expect(held.context.loginRefused).toBeUndefined();
  });

  test('fails where there is nothing to sign in with', async () => {
    const held = new HeldMachine();
    held.actor.start();
    await held.answer('restore', { outcome: 'empty', canLogIn: false });
    expect(held.value).toBe('failed');
    expect(held.emitted).toEqual([expect.objectContaining({ type: 'failed', reason: 'no-credentials' })]);
  });

  test('fails where the store cannot be used, with the reason', async () => {
    const held = new HeldMachine();
    held.actor.start();
    await held.answer('restore', { outcome: 'unusable', reason: 'store-unusable' });
    expect(held.value).toBe('failed');
    expect(held.context.failureReason).toBe('store-unusable');
  });

  test('waits and tries again where the store or the homeserver is out of reach', async () => {
    const held = new HeldMachine();
    held.actor.start();
    await held.answer('restore', { outcome: 'trouble', why: 'no route', notBefore: noon + 20_000 });
    expect(held.context.lastTrouble).toBe('no route');
    expect(held.clock.msOf(timer.restoring)).toBe(20_000);
    held.clock.fire(timer.restoring);
    await held.answer('restore', { outcome: 'restored', session: session(), canLogIn: true });
    expect(held.context).toMatchObject({ lastTrouble: undefined, failures: 0, notBefore: undefined });
  });

  test('does not try a token that is known to have expired, if there is a way to another', async () => {
    const held = await restored({ session: session(1, { obtainedAt: noon - lifetimeMs, expiresAt: noon }) });
    expect(held.value).toEqual(required('exchanging'));
  });

  test('tries even an expired one, if there is no other way', async () => {
    const stored = session(1, { expiresAt: noon - 1, refreshable: false });
    const held = await restored({ session: stored, canLogIn: false });
    expect(held.value).toEqual({ reconnecting: 'verifying' });
  });

  test('sends nothing with a token that is another user’s', async () => {
    const held = await restored();
    await held.answer('identify', { outcome: 'someone-else' });
    expect(held.value).toBe('failed');
    expect(held.context.failureReason).toBe('identity-mismatch');
    expect(held.calls.map(({ id }) => id)).not.toContain('connect');
  });

  test('does not ask the same thing twice: after a refresh the identity is known', async () => {
    const held = await valid();
    held.actor.send({ type: 'refresh' });
    await held.answer('exchange', renewed(session(2)));
    expect(held.value).toEqual({ reconnecting: 'connecting' });
  });

  test('asks whose it is again after a login', async () => {
    const held = await valid({ session: session(1, { refreshable: false }) });
    held.actor.send({ type: 'refresh' });
    await held.answer('logIn', renewed(session(2)));
    expect(held.value).toEqual({ reconnecting: 'verifying' });
  });

  test('backs off while whoami is out of reach, then asks again', async () => {
    const held = await restored();
    await held.answer('identify', refused('whoami', 429, 'M_LIMIT_EXCEEDED', 45_000));
    expect(held.value).toEqual({ reconnecting: 'backingOff' });
    expect(held.clock.msOf(timer.verifying)).toBe(45_000);
    held.clock.fire(timer.verifying);
    expect(held.value).toEqual({ reconnecting: 'verifying' });
  });

  test('goes for another token when this one expires while whoami is out of reach', async () => {
    const held = await restored();
    await held.answer('identify', trouble);
    pass(lifetimeMs);
    held.clock.fire(timer.verifying);
    expect(held.value).toEqual(required('exchanging'));
  });
});

describe('valid', () => {
  test('renews ahead of the expiry', async () => {
    const held = await valid({ input: { salt: 0 } });
    expect(held.clock.msOf(timer.renewal)).toBe(200_000);
    held.clock.fire(timer.renewal);
    expect(held.value).toEqual(ahead('exchanging'));
    expect(held.pending[0]?.input).toEqual({ generation: 1, failures: 0 });
  });

  test('counts from when the token was obtained, not from when it was connected', async () => {
    const held = await restored({ input: { salt: 0 } });
    pass(60_000);
    await held.answer('identify', identified);
    await held.answer('connect', connected);
    expect(held.clock.msOf(timer.renewal)).toBe(140_000);
  });

  test.each([
    ['does not expire', bareToken(), true],
    ['cannot be renewed', session(1, { refreshable: false }), false],
  ])('rests with a token that %s', async (_, stored, canLogIn) => {
    const held = await valid({ session: stored, canLogIn });
    expect(held.value).toEqual({ valid: 'resting' });
    expect(held.clock.pending).toEqual([]);
  });

  test('bears a token of 60 days: the timer is no longer than timers can be', async () => {
    const held = await valid({ session: session(1, { expiresAt: noon + 60 * 86_400_000 }) });
    expect(held.clock.msOf(timer.renewal)).toBe(2 ** 31 - 1);
  });

  test('ignores that an old token was refused', async () => {
    const held = await valid({ session: session(5) });
    await reject(held, 4);
    await reject(held, 4, 'M_USER_LOCKED');
    expect(held.value).toEqual({ valid: 'scheduled' });
    expect(held.calls).toHaveLength(3);
  });

  test('lets requests wait at once when the current token is refused', async () => {
    const held = await valid();
    await reject(held, 1);
    expect(held.value).toEqual(required('exchanging'));
    expect(held.actor.getSnapshot().hasTag('usable')).toBe(false);
  });

  test('exchanges once, however many requests were refused', async () => {
    const held = await valid();
    for (let request = 0; request < 20; request += 1) await reject(held, 1);
    expect(held.calls.filter(({ id }) => id === 'exchange')).toHaveLength(1);
  });

  test('does not renew for the asking what cannot be renewed', async () => {
    const held = await valid({ session: bareToken(), canLogIn: false });
    held.actor.send({ type: 'refresh' });
    expect(held.value).toEqual({ valid: 'resting' });
  });

  test('plans a renewal when a password is provided', async () => {
    const held = await valid({ session: session(1, { refreshable: false }), canLogIn: false });
    held.actor.send({ type: 'credentials.provided', canLogIn: true });
    expect(held.value).toEqual({ valid: 'scheduled' });
    expect(held.clock.msOf(timer.renewal)).toBe(290_000);
  });
});
