import { describe, expect, it } from 'vitest';
import { snapshotOf } from '../../src/observe/index.ts';
import { makeAuth, PASSWORD } from '../auth/make.ts';

describe('the snapshot', () => {
  it('before the start', async () => {
    const { auth } = await makeAuth();
    expect(auth.snapshot()).toEqual({
      state: 'restoring',
      detail: 'restoring.reading',
      since: expect.any(Number),
    });
  });

  it('in valid: whose token it is, until when it is good, and when it is renewed', async () => {
    const { auth, homeserver } = await makeAuth({ schedule: { refreshAfter: 0.5, refreshJitter: 0.1 } });
    const before = Date.now();
    await auth.start();
    const snapshot = auth.snapshot();
    expect(snapshot).toMatchObject({
      state: 'valid',
      detail: 'valid.scheduled',
      userId: '@bot:localhost',
      generation: 1,
      fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/),
      next: { what: 'refresh' },
    });
    expect(snapshot.deviceId).toBe(homeserver.devices('@bot:localhost')[0]);
    expect(snapshot.expiresAt).toBeGreaterThanOrEqual(before + 300_000);
    expect(snapshot.next?.at).toBeGreaterThanOrEqual(before + 150_000);
    expect(snapshot.next?.at).toBeLessThanOrEqual(Date.now() + 180_000);
    expect(snapshot.since).toBeGreaterThanOrEqual(before);
    expect(snapshot).not.toHaveProperty('reason');
    expect(snapshot).not.toHaveProperty('trouble');
  });

  it('in valid, without an end of the token: nothing is next', async () => {
    const { auth } = await makeAuth({}, { accessTokenLifetimeMs: null });
    await auth.start();
    expect(auth.snapshot()).not.toHaveProperty('next');
    expect(auth.snapshot()).not.toHaveProperty('expiresAt');
    expect(auth.snapshot().detail).toBe('valid.resting');
  });

  it('in valid, with an end and no refresh token: the next thing is a login', async () => {
    const { auth } = await makeAuth({ refreshTokens: false }, { nonRefreshableLifetimeMs: 600_000 });
    await auth.start();
    expect(auth.snapshot().next).toMatchObject({ what: 'log in' });
  });

  it('while backing off: what went wrong, and when it is tried again', async () => {
    const { auth, proxy, reaches } = await makeAuth({
      schedule: { backoffMinMs: 60_000, backoffMaxMs: 60_000 },
    });
    proxy.inject({ match: { path: '/login' }, fault: { kind: 'answer', status: 502, body: '<html>' } });
    void auth.start().catch(() => undefined);
    const snapshot = await reaches('refreshing.required.backingOff');
    expect(snapshot).toMatchObject({
      state: 'refreshing',
      trouble: 'login: the homeserver has a problem: 502',
      next: { what: 'try again' },
    });
    expect(snapshot.next?.at).toBeGreaterThanOrEqual(snapshot.since + 30_000);
    expect(snapshot.next?.at).toBeLessThanOrEqual(snapshot.since + 60_000);
  });

  it('while a server asked to wait: not before then', async () => {
    const { auth, proxy, reaches } = await makeAuth();
    proxy.inject({
      match: { path: '/login' },
      fault: { kind: 'answer', status: 429, headers: { 'Retry-After': '100' }, body: {} },
    });
    void auth.start().catch(() => undefined);
    const snapshot = await reaches('refreshing.required.backingOff');
    // The wait counts from the answer, a moment before the state was seen.
    expect(snapshot.next?.at).toBeGreaterThanOrEqual(snapshot.since + 99_000);
  });

  it('in failed: the reason and the advice', async () => {
    const { auth, proxy } = await makeAuth();
    proxy.inject({
      match: { path: '/login' },
      fault: { kind: 'answer', status: 403, body: { errcode: 'M_FORBIDDEN' } },
    });
    await expect(auth.start()).rejects.toMatchObject({ reason: 'login-refused' });
    expect(auth.snapshot()).toMatchObject({
      state: 'failed',
      detail: 'failed',
      reason: 'login-refused',
      advice: expect.stringContaining('MATRIX_PASSWORD'),
    });
  });

  it('in locked: when it is asked again', async () => {
    const { auth, homeserver, reaches } = await makeAuth({
      schedule: { backoffMinMs: 60_000, lockProbeMs: 60_000 },
    });
    await auth.start();
    homeserver.setLocked('@bot:localhost', true);
    const held = auth.run(async () => {
      throw Object.assign(new Error('locked'), { httpStatus: 401, errcode: 'M_USER_LOCKED' });
    });
    held.catch(() => undefined);
    const snapshot = await reaches('locked');
    expect(snapshot.next?.what).toBe('ask whether it is unlocked');
    expect(snapshot.next?.at).toBeGreaterThanOrEqual(snapshot.since + 30_000);
    expect(snapshot.next?.at).toBeLessThanOrEqual(snapshot.since + 60_000);
  });

  it('after the stop', async () => {
    const { auth } = await makeAuth();
    await auth.start();
    await auth.stop();
    expect(auth.snapshot()).toMatchObject({ state: 'stopped', detail: 'stopped' });
  });

  it('is what the machine says, and holds no secret', async () => {
    const { auth, states } = await makeAuth();
    await auth.start();
    const { since } = auth.snapshot();
    expect(snapshotOf(auth.actor.getSnapshot(), since)).toEqual(auth.snapshot());
    expect(auth.snapshot().detail).toBe('valid.scheduled');
    const token = await auth.accessToken();
    const printed = JSON.stringify([states, auth.actor.getPersistedSnapshot(), auth.snapshot()]);
    expect(printed.includes(token)).toBe(false);
    expect(printed.includes(PASSWORD)).toBe(false);
  });
});
