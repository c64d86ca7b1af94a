import { describe, expect, test, vi } from 'vitest';
import { statePath, nextOf, type Session } from '../../../src/machines/index.ts';
import type { HeldMachine } from './held-machine.ts';
import {
  bareToken,
  connected,
  identified,
  lifetimeMs,
  noon,
  refused,
  reject,
  renewed,
  restored,
  session,
  stillLocked,
  timer,
  trouble,
  valid,
} from './sessions.ts';
import { atNoon } from './at-noon.ts';

atNoon();

const next = (held: HeldMachine) => nextOf(statePath(held.value), held.context, Date.now());

/** What is promised is when the machine's timer goes off. */
function expectPromised(held: HeldMachine, what: string, type: string): void {
  expect(next(held)).toEqual({ what, at: Date.now() + held.clock.msOf(type) });
}

describe('the state as a path', () => {
  test.each([
    ['failed', 'failed'],
    [{ valid: 'scheduled' }, 'valid.scheduled'],
    [{ refreshing: { service: 'ahead', renewal: 'exchanging' } }, 'refreshing.ahead.exchanging'],
    [{ refreshing: { service: 'required', renewal: 'backingOff' } }, 'refreshing.required.backingOff'],
    [null, 'null'],
  ])('of %j is %s', (value, path) => {
    expect(statePath(value)).toBe(path);
  });
});

describe('what comes next', () => {
  test('is a refresh, ahead of the expiry', async () => {
    expectPromised(await valid(), 'refresh', timer.renewal);
  });

  test('is a login, where there is no refresh token', async () => {
    const held = await valid({ session: session(1, { refreshable: false }) });
    expectPromised(held, 'log in', timer.renewal);
    expect(next(held)?.at).toBe(noon + lifetimeMs - 10_000);
  });

  test('is another attempt after trouble, and after what the server asked for', async () => {
    const held = await valid();
    await reject(held, 1);
    await held.answer('exchange', trouble);
    expectPromised(held, 'try again', timer.backoff);
    held.clock.fire(timer.backoff);
    await held.answer('exchange', refused('refresh', 429, 'M_LIMIT_EXCEEDED', 45_000));
    expect(next(held)).toEqual({ what: 'try again', at: noon + 45_000 });
  });

  test('is another attempt before the token expires, while the old one serves', async () => {
    const held = await valid({
      input: { salt: 1, schedule: { backoffMinMs: 90_000, backoffMaxMs: 90_000 } },
    });
    vi.setSystemTime(noon + 230_000);
    held.clock.fire(timer.renewal);
    await held.answer('exchange', trouble);
    expectPromised(held, 'try again', timer.backoff);
  });

  test('is another attempt where the store or the homeserver is away at the start', async () => {
    const held = await restored();
    await held.answer('identify', trouble);
    expectPromised(held, 'try again', timer.verifying);
  });

  test('is the end of the breaker', async () => {
    const held = await valid();
    await reject(held, 1);
    await held.answer('exchange', renewed(session(2)));
    await held.answer('connect', connected);
    await reject(held, 2);
    expectPromised(held, 'try again', timer.breaker);
  });

  test('is the end of the client’s pause, longer after each death', async () => {
    const held = await valid();
    for (const ms of [750, 1_500]) {
      held.actor.send({ type: 'client.died' });
      expectPromised(held, 'try again', timer.clientPause);
      expect(next(held)?.at).toBe(noon + ms);
      held.clock.fire(timer.clientPause);
      await held.answer('connect', connected);
    }
  });

  test('is the question whether the account is unlocked', async () => {
    const held = await valid();
    await reject(held, 1, 'M_USER_LOCKED');
    for (let probe = 0; probe < 4; probe += 1) {
      expectPromised(held, 'ask whether it is unlocked', timer.probe);
      held.clock.fire(timer.probe);
      await held.answer('probe', stillLocked);
    }
    held.clock.fire(timer.probe);
    await held.answer('probe', refused('whoami', 429, 'M_LIMIT_EXCEEDED', 600_000));
    expect(next(held)).toEqual({ what: 'ask whether it is unlocked', at: noon + 600_000 });
  });

  test('is nothing where what it rests on is not there', async () => {
    const { context } = await valid();
    const at = (of: Session | undefined) => nextOf('valid.scheduled', { ...context, session: of }, noon);
    expect(at(session())?.what).toBe('refresh');
    expect(at(undefined)).toBeUndefined();
    expect(at(bareToken())).toBeUndefined();
  });

  test('is nothing where it waits for no time', async () => {
    const held = await restored();
    expect(next(held)).toBeUndefined();
    await held.answer('identify', identified);
    expect(next(held)).toBeUndefined();
    expect(next(await valid({ session: bareToken(), canLogIn: false }))).toBeUndefined();
  });
});
