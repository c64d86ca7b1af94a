import { describe, expect, test } from 'vitest';
import {
  adopted,
  ahead,
  bareToken,
  connected,
  loginRefused,
  noon,
  refused,
  refuseRefresh,
  reject,
  renewed,
  required,
  session,
  timer,
  trouble,
  valid,
} from './sessions.ts';
import { atNoon, pass } from './at-noon.ts';

atNoon();

describe('there is no loop without a wait', () => {
  test('with a server whose new tokens have expired when they come', async () => {
    const held = await valid();
    await reject(held, 1);
    await held.answer('exchange', renewed(session(2, { expiresAt: noon })));
    expect(held.value).toEqual({ reconnecting: 'connecting' });
    await held.answer('connect', connected);
    expect(held.value).toEqual({ valid: 'scheduled' });
    expect(held.clock.msOf(timer.renewal)).toBe(1_000);
    await reject(held, 2);
    expect(held.value).toEqual(required('coolingDown'));
  });

  test('with a client that dies whenever it was started', async () => {
    const held = await valid({ input: { salt: 1 } });
    const waits: number[] = [];
    for (let death = 0; death < 5; death += 1) {
      held.actor.send({ type: 'client.died' });
      expect(held.value).toEqual({ reconnecting: 'pausing' });
      waits.push(held.clock.msOf(timer.clientPause));
      held.clock.fire(timer.clientPause);
      await held.answer('connect', connected);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
  });

  test('with a client that dies while it is started', async () => {
    const held = await valid();
    held.actor.send({ type: 'refresh' });
    await held.answer('exchange', renewed(session(2)));
    held.actor.send({ type: 'client.died' });
    expect(held.value).toEqual({ reconnecting: 'pausing' });
    expect(held.context).toMatchObject({ client: { deaths: 1, replace: true } });
    expect(held.context.lastTrouble).toContain('soon after it had been started');
    expect(held.pending).toEqual([]);
  });

  test('with processes that adopt each other’s tokens, none of which works', async () => {
    const held = await valid();
    held.actor.send({ type: 'session.adopted', session: session(2) });
    await held.answer('connect', connected);
    await reject(held, 2);
    await held.answer('exchange', adopted(session(3)));
    await held.answer('connect', connected);
    await reject(held, 3);
    await held.answer('exchange', adopted(session(4)));
    await held.answer('connect', connected);
    await reject(held, 4);
    expect(held.clock.pending).toContain(timer.breaker);
  });
});

describe('a token that serves is not given up', () => {
  test('by a login that nobody needed and that was refused', async () => {
    const held = await valid({ session: bareToken() });
    held.actor.send({ type: 'refresh' });
    await held.answer('logIn', loginRefused);
    expect(held.value).toEqual({ valid: 'resting' });
    expect(held.emitted.at(-1)).toMatchObject({ type: 'warning', warning: { kind: 'login-refused' } });
    held.actor.send({ type: 'refresh' });
    expect(held.pending).toEqual([]);
  });

  test('when the refresh token and the login are refused long before its expiry', async () => {
    const held = await valid();
    pass(200_000);
    held.clock.fire(timer.renewal);
    await refuseRefresh(held);
    await held.answer('logIn', loginRefused);
    expect(held.actor.getSnapshot().hasTag('live')).toBe(true);
    await reject(held, 1);
    expect(held.context.failureReason).toBe('login-refused');
  });

  test('for good: other credentials are tried at once', async () => {
    const held = await valid();
    held.clock.fire(timer.renewal);
    await refuseRefresh(held);
    await held.answer('logIn', loginRefused);
    held.actor.send({ type: 'credentials.provided', canLogIn: true });
    held.clock.fire(timer.renewal);
    expect(held.value).toEqual(ahead('loggingIn'));
  });
});

describe('no wait is too long', () => {
  test('a renewal that has backed off is tried once more when the token is about to expire', async () => {
    const held = await valid({ input: { salt: 1 } });
    pass(200_000);
    held.clock.fire(timer.renewal);
    for (let attempt = 0; attempt < 9; attempt += 1) {
      await held.answer('exchange', trouble);
      expect(held.clock.msOf(timer.backoff)).toBeLessThanOrEqual(90_000);
      held.clock.fire(timer.backoff);
    }
  });

  test('an account that is deactivated while it is locked is not asked for ever', async () => {
    const held = await valid();
    await reject(held, 1, 'M_USER_LOCKED');
    held.clock.fire(timer.probe);
    await held.answer('probe', refused('whoami', 403, 'M_USER_DEACTIVATED'));
    expect(held.value).toBe('failed');
    expect(held.context.failureReason).toBe('deactivated');
  });
});
