import { describe, expect, test } from 'vitest';
import { atNoon, pass } from './at-noon.ts';
import { HeldMachine } from './held-machine.ts';
import {
  ahead,
  bareToken,
  connected,
  identified,
  reject,
  session,
  timer,
  tokenRefused,
  trouble,
  valid,
} from './sessions.ts';

atNoon();

const token = { type: 'credentials.provided', canLogIn: false, token: true } as const;

describe('an access token that is given while another serves', () => {
  test('is taken when that one is about to expire, and not before', async () => {
    const held = await valid({ session: session(1, { refreshable: false }), canLogIn: false });
    held.actor.send(token);
    expect(held.value).toEqual({ valid: 'scheduled' });
    expect(held.clock.msOf(timer.renewal)).toBe(290_000);
    pass(290_000);
    held.clock.fire(timer.renewal);
    expect(held.value).toEqual({ restoring: 'reading' });
  });

  test('makes no busy loop after the refresh token was refused', async () => {
    const held = await valid({ canLogIn: false });
    pass(200_000);
    held.clock.fire(timer.renewal);
    held.actor.send(token);
    await held.answer('exchange', {
      outcome: 'refused',
      rejection: { endpoint: 'refresh', status: 401, errcode: 'M_UNKNOWN_TOKEN' },
    });
    expect(held.value).toEqual({ valid: 'scheduled' });
    expect(held.clock.msOf(timer.renewal)).toBe(90_000);
    pass(90_000);
    held.clock.fire(timer.renewal);
    expect(held.value).toEqual({ restoring: 'reading' });
  });

  test('is taken at once when that one is dead', async () => {
    const held = await valid({ session: bareToken(), canLogIn: false });
    held.actor.send(token);
    await reject(held, 1);
    expect(held.value).toEqual({ restoring: 'reading' });
  });

  test('does not interrupt a refresh ahead that a refusal did not end', async () => {
    const held = await valid();
    held.clock.fire(timer.renewal);
    held.actor.send({ ...token, canLogIn: true });
    expect(held.value).toEqual(ahead('exchanging'));
  });
});

describe('an access token that was given beside a stored session', () => {
  const begun = async (over: object) => {
    const held = new HeldMachine({ salt: 0.5 });
    held.actor.start();
    await held.answer('restore', { outcome: 'restored', session: bareToken(), canLogIn: false, ...over });
    return held;
  };

  test.each([
    ['refused', 'given-token-refused'],
    ['someone-else', 'given-token-of-another-user'],
  ])('and was not taken (%s) is told in a warning that names the variable', async (givenToken, kind) => {
    const held = await begun({ givenToken });
    expect(held.emitted).toEqual([
      { type: 'warning', warning: { kind, message: expect.stringContaining('ACCESS_TOKEN') } },
    ]);
  });

  test('and could not be tried yet is tried at the end of the stored one, after a pause', async () => {
    const held = await begun({ tokenGiven: true });
    await held.answer('identify', tokenRefused);
    expect(held.value).toEqual({ restoring: 'backingOff' });
    held.clock.fire(timer.restoring);
    await held.answer('restore', trouble);
    expect(held.value).toEqual({ restoring: 'backingOff' });
  });

  test('and could not be tried yet is left alone while the stored one works', async () => {
    const held = await begun({ tokenGiven: true });
    await held.answer('identify', identified);
    await held.answer('connect', connected);
    expect(held.value).toEqual({ valid: 'resting' });
  });
});
