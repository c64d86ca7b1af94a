import { describe, expect, test } from 'vitest';
import { HeldMachine } from './held-machine.ts';
import {
  bareToken,
  connected,
  identified,
  refused,
  reject,
  renewed,
  required,
  restored,
  session,
  stillLocked,
  timer,
  tokenRefused,
  trouble,
  valid,
} from './sessions.ts';
import { atNoon } from './at-noon.ts';

atNoon();

async function locked(input: { readonly salt?: number } = {}): Promise<HeldMachine> {
  const held = await valid({ input });
  await reject(held, 1, 'M_USER_LOCKED');
  return held;
}

describe('an account is found locked', () => {
  test('by a request', async () => {
    const held = await locked();
    expect(held.value).toEqual({ locked: 'waiting' });
    expect(held.emitted).toEqual([{ type: 'locked' }]);
    expect(held.actor.getSnapshot().tags).toEqual(new Set());
    expect(held.pending).toEqual([]);
  });

  test('by a request while the token is renewed ahead', async () => {
    const held = await valid();
    held.actor.send({ type: 'refresh' });
    await reject(held, 1, 'M_USER_LOCKED');
    expect(held.value).toEqual({ locked: 'waiting' });
    expect(held.pending).toEqual([]);
  });

  test('by a request of the client that is being connected', async () => {
    const held = await restored();
    await held.answer('identify', identified);
    await reject(held, 1, 'M_USER_LOCKED');
    expect(held.value).toEqual({ locked: 'waiting' });
    expect(held.pending).toEqual([]);
  });

  test('by whoami', async () => {
    const held = await restored();
    await held.answer('identify', stillLocked);
    expect(held.value).toEqual({ locked: 'waiting' });
  });

  test.each([
    ['a refresh', 'exchange', session()],
    ['a login', 'logIn', bareToken()],
  ] as const)('by %s', async (_, service, stored) => {
    const held = await valid({ session: stored });
    await reject(held, 1);
    await held.answer(service, refused(service === 'logIn' ? 'login' : 'refresh', 401, 'M_USER_LOCKED'));
    expect(held.value).toEqual({ locked: 'waiting' });
  });
});

describe('a locked account', () => {
  test('keeps its session, and is asked soon, and then ever more seldom, down to once a minute', async () => {
    const held = await locked({ salt: 1 });
    const waits: number[] = [];
    for (let probe = 0; probe < 9; probe += 1) {
      waits.push(held.clock.msOf(timer.probe));
      held.clock.fire(timer.probe);
      await held.answer('probe', probe % 2 === 0 ? stillLocked : trouble);
    }
    expect(waits).toEqual([1_000, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(held.context.session?.generation).toBe(1);
    expect(held.emitted).toEqual([{ type: 'locked' }]);
    expect(held.calls.filter(({ id }) => id !== 'probe')).toHaveLength(3);
  });

  test('is asked later, if the homeserver wants it so', async () => {
    const held = await locked();
    held.clock.fire(timer.probe);
    await held.answer('probe', refused('whoami', 429, 'M_LIMIT_EXCEEDED', 600_000));
    expect(held.clock.msOf(timer.probe)).toBe(600_000);
  });

  test('is asked at once when somebody wants to know', async () => {
    const held = await locked();
    held.actor.send({ type: 'retry' });
    expect(held.value).toEqual({ locked: 'asking' });
  });

  test('comes back by itself when it is unlocked', async () => {
    const held = await locked();
    held.clock.fire(timer.probe);
    await held.answer('probe', identified);
    expect(held.value).toEqual({ reconnecting: 'connecting' });
    await held.answer('connect', connected);
    expect(held.value).toEqual({ valid: 'scheduled' });
  });

  test('whose token has died meanwhile gets a new one, and is identified again', async () => {
    const held = await locked();
    held.clock.fire(timer.probe);
    await held.answer('probe', tokenRefused);
    expect(held.value).toEqual(required('exchanging'));
    await held.answer('exchange', renewed(session(2)));
    expect(held.value).toEqual({ reconnecting: 'verifying' });
  });

  test('is left to a person if the token turns out to be another user’s', async () => {
    const held = await locked();
    held.clock.fire(timer.probe);
    await held.answer('probe', { outcome: 'someone-else' });
    expect(held.context.failureReason).toBe('identity-mismatch');
    expect(held.value).toBe('failed');
  });

  test.each([
    ['after a while', timer.probe],
    ['when asked to', undefined],
  ])('without a session is asked by a login, %s', async (_, event) => {
    const held = new HeldMachine();
    held.actor.start();
    await held.answer('restore', { outcome: 'empty', canLogIn: true });
    await held.answer('logIn', refused('login', 401, 'M_USER_LOCKED'));
    expect(held.value).toEqual({ locked: 'waiting' });
    if (event === undefined) held.actor.send({ type: 'retry' });
    else held.clock.fire(event);
    expect(held.value).toEqual(required('loggingIn'));
  });

  test('does not listen to refusals: it knows', async () => {
    const held = await locked();
    await reject(held, 1);
    expect(held.value).toEqual({ locked: 'waiting' });
  });
});
