import { describe, expect, test } from 'vitest';
import { atNoon, pass } from './at-noon.ts';
import { HeldMachine } from './held-machine.ts';
import {
  ahead,
  connected,
  identified,
  loginRefused,
  reject,
  rejected,
  renewed,
  required,
  session,
  timer,
  trouble,
} from './sessions.ts';

atNoon();

const expiring = (generation = 1) => session(generation, { refreshable: false });

/** Signed in, and only a person can sign it in again. */
async function withPerson(): Promise<HeldMachine> {
  const held = new HeldMachine({ salt: 0.5 });
  held.actor.start();
  await held.answer('restore', {
    outcome: 'restored',
    session: expiring(),
    canLogIn: false,
    canAuthorize: true,
  });
  await held.answer('identify', identified);
  await held.answer('connect', connected);
  return held;
}

describe('a session that needs a person', () => {
  test('asks in good time, while the token serves', async () => {
    const held = await withPerson();
    expect(held.clock.msOf(timer.renewal)).toBeLessThan(250_000);
    held.clock.fire(timer.renewal);
    expect(held.value).toEqual(ahead('authorizing'));
    const snapshot = held.actor.getSnapshot();
    expect(['usable', 'live', 'authorizing'].every((tag) => snapshot.hasTag(tag as 'live'))).toBe(true);
  });

  test('goes on asking when the token has expired: requests wait, and nothing has failed', async () => {
    const held = await withPerson();
    held.clock.fire(timer.renewal);
    pass(295_000);
    held.clock.fire(timer.expiry);
    expect(held.value).toEqual(required('authorizing'));
    expect(held.pending.map(({ id }) => id)).toEqual(['authorize']);
    expect(held.actor.getSnapshot().hasTag('needs-person')).toBe(false);
  });

  test('is signed in once the person has approved', async () => {
    const held = await withPerson();
    held.clock.fire(timer.renewal);
    await held.answer('authorize', renewed(expiring(2)));
    expect(held.emitted.at(-1)).toMatchObject({ type: 'logged-in' });
    await held.answer('identify', identified);
    await held.answer('connect', connected);
    expect(held.value).toEqual({ valid: 'scheduled' });
  });

  test('asks anew when the approval did not come in time', async () => {
    const held = await withPerson();
    await reject(held, 1);
    await held.answer('authorize', trouble);
    held.clock.fire(timer.backoff);
    expect(held.value).toEqual(required('authorizing'));
  });

  test('checks a refusal by whoami, and lets other requests go on', async () => {
    const held = await withPerson();
    held.clock.fire(timer.renewal);
    held.actor.send(rejected(1));
    expect(held.value).toEqual({ valid: 'checking' });
  });

  test('takes a session that another process has got', async () => {
    const held = await withPerson();
    await reject(held, 1);
    held.actor.send({ type: 'session.adopted', session: expiring(2) });
    expect(held.value).toEqual({ reconnecting: 'connecting' });
  });

  test('is asked for only after the ways that need nobody', async () => {
    const held = new HeldMachine();
    held.actor.start();
    await held.answer('restore', { outcome: 'empty', canLogIn: true, canAuthorize: true });
    expect(held.value).toEqual(required('loggingIn'));
    await held.answer('logIn', { ...loginRefused, waysLeft: true, canLogIn: false });
    expect(held.value).toEqual(required('authorizing'));
    await held.answer('authorize', loginRefused);
    expect(held.context.failureReason).toBe('login-refused');
  });

  test('is not asked again for credentials that came meanwhile', async () => {
    const held = await withPerson();
    await reject(held, 1);
    held.actor.send({ type: 'credentials.provided', canLogIn: true });
    expect(held.value).toEqual(required('loggingIn'));
  });
});

describe('a session that was logged out', () => {
  test('has ended: nothing signs in again by itself', async () => {
    const held = await withPerson();
    held.actor.send({ type: 'logged.out' });
    expect(held.value).toBe('failed');
    expect(held.context.failureReason).toBe('logged-out');
    expect(held.pending).toEqual([]);
    expect(held.clock.pending).toEqual([]);
  });

  test('is announced once', async () => {
    const held = await withPerson();
    held.actor.send({ type: 'logged.out' });
    held.actor.send({ type: 'logged.out' });
    expect(held.emitted.filter(({ type }) => type === 'failed')).toHaveLength(1);
  });

  test('begins anew when a person asks for it', async () => {
    const held = await withPerson();
    held.actor.send({ type: 'logged.out' });
    held.actor.send({ type: 'retry' });
    expect(held.value).toEqual({ restoring: 'reading' });
  });
});
