import { describe, expect, test } from 'vitest';
import { atNoon, pass } from './at-noon.ts';
import { HeldMachine } from './held-machine.ts';
import {
  bareToken,
  connected,
  identified,
  refreshRefused,
  reject,
  rejected,
  renewed,
  required,
  session,
  stillLocked,
  timer,
  tokenRefused,
  trouble,
  valid,
} from './sessions.ts';

atNoon();

describe('one refusal, of a token that only a login or a person can replace,', () => {
  const token = { session: bareToken(), canLogIn: false };

  test('is checked by whoami, while other requests go on', async () => {
    const held = await valid(token);
    held.actor.send(rejected(1));
    expect(held.value).toEqual({ valid: 'checking' });
    expect(held.actor.getSnapshot().hasTag('live')).toBe(true);
    expect(held.pending.map(({ id }) => id)).toEqual(['check']);
  });

  test('is checked once for all who were refused', async () => {
    const held = await valid(token);
    for (let refusals = 0; refusals < 20; refusals += 1) held.actor.send(rejected(1));
    expect(held.calls.filter(({ id }) => id === 'check')).toHaveLength(1);
  });

  test('changes nothing when whoami takes the token', async () => {
    const held = await valid({ session: bareToken() });
    held.actor.send(rejected(1));
    await held.answer('check', identified);
    expect(held.value).toEqual({ valid: 'resting' });
    expect(held.calls.filter(({ id }) => id === 'logIn')).toEqual([]);
  });

  test('is the end when whoami refuses the token, too', async () => {
    const held = await valid(token);
    held.actor.send(rejected(1));
    await held.answer('check', tokenRefused);
    expect(held.context.failureReason).toBe('token-refused');
  });

  test('is no end while whoami cannot be asked: it is asked again, and requests go on', async () => {
    const held = await valid(token);
    held.actor.send(rejected(1));
    for (let attempt = 0; attempt < 10; attempt += 1) {
      await held.answer('check', trouble);
      expect(held.value).toEqual({ valid: 'backingOff' });
      expect(held.actor.getSnapshot().hasTag('usable')).toBe(true);
      held.clock.fire('xstate.after.backoff.auth.valid.backingOff');
    }
  });

  test('is still to be decided after a client that was replaced while whoami was asked', async () => {
    const held = await valid(token);
    held.actor.send(rejected(1));
    held.actor.send({ type: 'leadership.changed' });
    await held.answer('connect', connected);
    expect(held.value).toEqual({ valid: 'checking' });
    await held.answer('check', identified);
    expect(held.value).toEqual({ valid: 'resting' });
  });

  test('leads to a wait when whoami says that the account is locked', async () => {
    const held = await valid(token);
    held.actor.send(rejected(1));
    await held.answer('check', stillLocked);
    expect(held.value).toEqual({ locked: 'waiting' });
  });
});

test('a refusal by an endpoint that is not believed asks whoami, and spends no refresh', async () => {
  const held = await valid();
  held.actor.send({ type: 'token.doubted', generation: 1 });
  await held.answer('check', identified);
  expect(held.value).toEqual({ valid: 'scheduled' });
  held.actor.send({ type: 'token.doubted', generation: 1 });
  await held.answer('check', tokenRefused);
  expect(held.value).toEqual(required('exchanging'));
});

describe('a refresh', () => {
  test('meets the first refusal at once, without a question', async () => {
    const held = await valid();
    held.actor.send(rejected(1));
    expect(held.value).toEqual(required('exchanging'));
  });

  test('is not repeated for an endpoint that refuses the fresh token as well', async () => {
    const held = await valid();
    held.actor.send(rejected(1));
    await held.answer('exchange', renewed(session(2)));
    await held.answer('connect', connected);
    held.actor.send({ type: 'token.confirmed', generation: 2 });
    held.actor.send(rejected(2));
    await held.answer('check', identified);
    expect(held.value).toEqual({ valid: 'scheduled' });
    expect(held.calls.filter(({ id }) => id === 'exchange')).toHaveLength(1);
  });

  test('that is refused spends no login while whoami takes the token', async () => {
    const held = await valid();
    held.actor.send(rejected(1));
    await held.answer('exchange', refreshRefused);
    expect(held.value).toEqual({ reconnecting: 'verifying' });
    await held.answer('identify', identified);
    await held.answer('connect', connected);
    expect(held.actor.getSnapshot().matches('valid')).toBe(true);
    expect(held.calls.filter(({ id }) => id === 'logIn')).toEqual([]);
  });

  test('that is refused leads to a login at once where the token is about to expire anyway', async () => {
    const held = await valid();
    held.clock.fire(timer.renewal);
    pass(295_000);
    held.clock.fire(timer.expiry);
    await held.answer('exchange', refreshRefused);
    expect(held.value).toEqual(required('loggingIn'));
  });
});

describe('tokens that the homeserver issues and never accepts', () => {
  async function threeRefused(held: HeldMachine): Promise<void> {
    for (let generation = 1; generation <= 3; generation += 1) {
      await held.answer('logIn', renewed(session(generation, { refreshable: false })));
      await held.answer('identify', tokenRefused);
      if (held.clock.pending.includes(timer.breaker)) held.clock.fire(timer.breaker);
    }
  }

  test('need a person after the third, where no token of the session ever worked', async () => {
    const held = new HeldMachine();
    held.actor.start();
    await held.answer('restore', { outcome: 'empty', canLogIn: true });
    await threeRefused(held);
    expect(held.value).toBe('failed');
    expect(held.context.failureReason).toBe('tokens-never-accepted');
  });

  test('are asked for ever more seldom, where the session has worked before', async () => {
    const held = await valid({ session: session(1, { refreshable: false }) });
    await reject(held, 1);
    for (let generation = 2; generation < 8; generation += 1) {
      await held.answer('logIn', renewed(session(generation, { refreshable: false })));
      await held.answer('identify', tokenRefused);
      expect(held.value).toEqual(required('coolingDown'));
      held.clock.fire(timer.breaker);
    }
  });
});
