import { describe, expect, test } from 'vitest';
import { HeldMachine } from './held-machine.ts';
import {
  adopted,
  bareToken,
  connected,
  identified,
  noon,
  refused,
  reject,
  renewed,
  required,
  restored,
  session,
  timer,
  tokenRefused,
  valid,
} from './sessions.ts';
import { atNoon } from './at-noon.ts';

atNoon();

describe('what is told is so', () => {
  test('each new session is announced, by what brought it', async () => {
    const held = await valid({ session: session(1, { refreshable: false }) });
    const next = (generation: number) => session(generation, { refreshable: generation > 2 });
    await reject(held, 1);
    await held.answer('logIn', adopted(next(2)));
    await held.answer('identify', identified);
    await held.answer('connect', connected);
    await reject(held, 2);
    await held.answer('logIn', renewed(next(3)));
    await held.answer('identify', identified);
    await held.answer('connect', connected);
    held.actor.send({ type: 'refresh' });
    await held.answer('exchange', renewed(next(4)));
    await held.answer('connect', connected);
    held.actor.send({ type: 'refresh' });
    await held.answer('exchange', adopted(next(5)));
    await held.answer('connect', connected);
    held.actor.send({ type: 'session.adopted', session: next(6) });
    expect(held.context.session).toEqual(next(6));
    expect(held.emitted).toEqual([
      { type: 'adopted', session: next(2) },
      { type: 'logged-in', session: next(3) },
      { type: 'refreshed', session: next(4) },
      { type: 'adopted', session: next(5) },
      { type: 'adopted', session: next(6) },
    ]);
  });

  test('a session that is not newer is none', async () => {
    const held = await valid();
    held.actor.send({ type: 'session.adopted', session: session(1, { deviceId: 'OTHER' }) });
    held.actor.send({ type: 'session.adopted', session: session(0) });
    expect(held.value).toEqual({ valid: 'scheduled' });
    expect(held.emitted).toEqual([]);
  });

  test('a session is one where there was none', async () => {
    const held = await restored({ session: bareToken(), canLogIn: false });
    held.actor.send({ type: 'stop' });
    const none = new HeldMachine();
    none.actor.start();
    await none.answer('restore', { outcome: 'empty', canLogIn: false });
    none.actor.send({ type: 'session.adopted', session: session(1) });
    expect(none.value).toEqual({ reconnecting: 'verifying' });
  });

  test('what a service threw is told as trouble, and asks for no wait of its own', async () => {
    const held = await valid();
    await reject(held, 1);
    await held.answer('exchange', refused('refresh', 429, 'M_LIMIT_EXCEEDED', 30_000));
    expect(held.context).toMatchObject({
      notBefore: noon + 30_000,
      lastTrouble: 'refresh: 429 M_LIMIT_EXCEEDED',
    });
    held.clock.fire(timer.backoff);
    await held.fail('exchange', new Error('a bug'));
    expect(held.context).toMatchObject({
      failures: 2,
      lastTrouble: expect.stringContaining('unexpected error'),
    });
    expect(held.context.notBefore).toBeUndefined();
  });

  test('a warning has a kind and a message', async () => {
    const held = await valid({ canLogIn: false });
    await reject(held, 1);
    await held.answer('exchange', refused('refresh', 404, 'M_UNRECOGNIZED'));
    expect(held.emitted).toEqual([
      {
        type: 'warning',
        warning: {
          kind: 'refresh-unsupported',
          message: expect.stringContaining('/_matrix/client/v3/refresh'),
        },
      },
    ]);
  });

  test('that a token works counts for nothing while there is none', async () => {
    const held = new HeldMachine();
    held.actor.start();
    held.actor.send({ type: 'token.confirmed', generation: 0 });
    expect(held.errors).toEqual([]);
    expect(held.context.token.confirmed).toBe(false);
  });

  test('a whoami without a device is no change of device', async () => {
    const held = await restored();
    await held.answer('identify', { outcome: 'identified', userId: identified.userId });
    expect(held.emitted).toEqual([]);
    expect(held.context.session).toMatchObject({ userId: identified.userId, deviceId: 'BOTDEVICE' });
    expect(held.calls.at(-1)?.input).toEqual({ generation: 1, failures: 0, replace: false });
  });

  test('a server without refresh tokens has not ended the session: it is asked again', async () => {
    const held = await valid({ canLogIn: false });
    await reject(held, 1);
    await held.answer('exchange', refused('refresh', 404, 'M_UNRECOGNIZED'));
    expect(held.value).toEqual(required('backingOff'));
    held.clock.fire(timer.backoff);
    expect(held.value).toEqual(required('exchanging'));
  });

  test('and it is said once, not at each attempt', async () => {
    const held = await valid({ canLogIn: false });
    await reject(held, 1);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await held.answer('exchange', refused('refresh', 404, 'M_UNRECOGNIZED'));
      held.clock.fire(timer.backoff);
    }
    expect(held.emitted.filter(({ type }) => type === 'warning')).toHaveLength(1);
  });

  test('a session that another process has got on another device is verified, however it is met', async () => {
    const held = await valid();
    await reject(held, 1);
    await held.answer('exchange', adopted(session(2, { deviceId: 'OTHER' })));
    expect(held.value).toEqual({ reconnecting: 'verifying' });
  });

  test('a locked account is announced once, also when its token has expired, and again the next time', async () => {
    const lockedBy = refused('refresh', 401, 'M_USER_LOCKED');
    const held = await valid();
    await reject(held, 1);
    await held.answer('exchange', lockedBy);
    for (let probe = 0; probe < 3; probe += 1) {
      held.clock.fire(timer.probe);
      await held.answer('probe', tokenRefused);
      await held.answer('exchange', lockedBy);
    }
    const announced = () => held.emitted.filter(({ type }) => type === 'locked').length;
    expect(announced()).toBe(1);
    held.clock.fire(timer.probe);
    await held.answer('probe', identified);
    await held.answer('connect', connected);
    await reject(held, 1, 'M_USER_LOCKED');
    expect(announced()).toBe(2);
  });
});
