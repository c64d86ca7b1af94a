import { expect, it, onTestFinished } from 'vitest';
import { type AuthSnapshot, AuthStoppedError, memorySessions } from '../../src/index.ts';
import { type FaultProxy, startFaultProxy } from '../../src/testing/index.ts';
import { makeAuth, WHOAMI } from './make.ts';

const LOGOUT = '/_matrix/client/v3/logout';

/** Unlike Synapse, this homeserver takes a token that has run out for nothing, not even for a logout. */
function refuseOldToken(proxy: FaultProxy, { fingerprint }: AuthSnapshot): void {
  proxy.inject({
    match: ({ path, tokenFingerprint }) => path === LOGOUT && tokenFingerprint === fingerprint,
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'answer', status: 401, body: { errcode: 'M_UNKNOWN_TOKEN', error: 'Token has expired' } },
  });
}

it('logout() ends the session at the homeserver, deletes what is stored, and ends in stopped', async () => {
  const sessions = memorySessions();
  const { auth, homeserver, proxy } = await makeAuth({ sessions });
  await auth.start();
  await auth.logout();
  expect(auth.snapshot().state).toBe('stopped');
  expect(homeserver.devices('@bot:localhost')).toEqual([]);
  expect(await sessions.list()).toEqual([]);
  await expect(auth.fetch(`${proxy.url}${WHOAMI}`)).rejects.toBeInstanceOf(AuthStoppedError);
});

it('logout() whose homeserver is away deletes what is stored, and says what is left', async () => {
  const sessions = memorySessions();
  const { auth, proxy } = await makeAuth({ sessions });
  await auth.start();
  proxy.inject({ match: { path: '/logout' }, fault: { kind: 'answer', status: 503 } });
  await expect(auth.logout()).rejects.toMatchObject({ name: 'LogoutFailedError' });
  expect(await sessions.list()).toEqual([]);
});

it('logout() with a token that has run out renews it first, and ends the session with the new one', async () => {
  const sessions = memorySessions();
  const { auth, homeserver, proxy } = await makeAuth({ sessions });
  await auth.start();
  refuseOldToken(proxy, auth.snapshot());
  homeserver.expireTokens();
  await auth.logout();
  expect(proxy.count({ path: '/refresh' })).toBe(1);
  expect(homeserver.devices('@bot:localhost')).toEqual([]);
  expect(await sessions.list()).toEqual([]);
});

it('logout() that cannot renew a token which has run out does not say that the session has ended', async () => {
  const { auth, homeserver, proxy } = await makeAuth({ sessions: memorySessions() });
  await auth.start();
  const { deviceId } = auth.snapshot();
  refuseOldToken(proxy, auth.snapshot());
  homeserver.expireTokens();
  proxy.inject({ match: { path: '/refresh' }, fault: { kind: 'answer', status: 503 } });
  await expect(auth.logout()).rejects.toThrow(new RegExp(`503.*remove the device ${deviceId}`));
  expect(homeserver.devices('@bot:localhost')).toEqual([deviceId]);
});

it('logout() waits for a renewal by another process, and ends the session with what came of it', async () => {
  const sessions = memorySessions();
  const one = await makeAuth({ sessions });
  await one.auth.start();
  const slow = await startFaultProxy({ target: one.homeserver.url });
  onTestFinished(() => slow.stop());
  const other = await makeAuth({ homeserver: slow.url, sessions });
  await other.auth.start();
  refuseOldToken(one.proxy, one.auth.snapshot());
  one.homeserver.expireTokens();
  slow.inject({ match: { path: '/refresh' }, fault: { kind: 'delay', delayMs: 500 } });
  other.auth.refresh().catch(() => undefined);
  await slow.waitFor({ path: '/refresh' }, { phase: 'start' });
  await one.auth.logout();
  expect(one.proxy.count({ path: '/refresh' })).toBe(0);
  expect(one.homeserver.devices('@bot:localhost')).toEqual([]);
  expect(await sessions.list()).toEqual([]);
});

it('a logout through auth.fetch is final: nothing logs in again, and nothing stays stored', async () => {
  const sessions = memorySessions();
  const { auth, homeserver, proxy, reaches } = await makeAuth({ sessions });
  await auth.start();
  expect((await auth.fetch(`${proxy.url}${LOGOUT}`, { method: 'POST' })).status).toBe(200);
  await reaches('failed');
  await expect(auth.fetch(`${proxy.url}${WHOAMI}`)).rejects.toMatchObject({ reason: 'logged-out' });
  await expect.poll(() => sessions.list()).toEqual([]);
  expect(homeserver.logins).toBe(1);
});

it('stop() during a refresh that hangs ends, and the next start is signed in without a login', async () => {
  const sessions = memorySessions();
  const { auth, homeserver, proxy, log } = await makeAuth({ sessions, stopTimeoutMs: 100 });
  await auth.start();
  proxy.inject({ match: { path: '/refresh' }, fault: { kind: 'hang' } });
  auth.refresh().catch(() => undefined);
  await proxy.waitFor({ path: '/refresh' }, { phase: 'start' });
  await auth.stop();
  expect(log).toEqual([expect.stringContaining('stopTimeoutMs')]);
  const next = await makeAuth({ homeserver: proxy.url, sessions });
  await next.auth.start();
  expect(homeserver.logins).toBe(1);
});

it('logout() is final for another process, too: it signs in no more, and says why', async () => {
  const sessions = memorySessions();
  const one = await makeAuth({ sessions });
  await one.auth.start();
  const other = await makeAuth({ homeserver: one.proxy.url, sessions });
  await other.auth.start();
  await one.auth.logout();
  const ended = other.reaches('failed');
  expect((await other.auth.fetch(`${one.proxy.url}${WHOAMI}`)).status).toBe(401);
  expect(await ended).toMatchObject({ reason: 'logged-out' });
  expect(one.homeserver.logins).toBe(1);
  expect(await sessions.list()).toEqual([]);
  // Whoever wants that signs in anew, and the second process leaves it alone.
  const later = await makeAuth({ homeserver: one.proxy.url, sessions });
  await later.auth.start();
  expect(await sessions.list()).toEqual(['default']);
  expect(one.homeserver.logins).toBe(2);
});
