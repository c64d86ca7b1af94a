// oxlint-disable typescript/unbound-method -- that they may be is what is tested
import { expect, it, vi } from 'vitest';
import { makeAuth, WHOAMI } from './make.ts';

it('methods work when they are taken off a session', async () => {
  const { auth, proxy } = await makeAuth();
  const { start, stop, run, refresh, snapshot, on } = auth;
  const states: string[] = [];
  const off = on('state', ({ state }) => states.push(state));
  await start();
  await refresh();
  const { fetch } = auth;
  expect(await run(async () => (await fetch(`${proxy.url}${WHOAMI}`)).status)).toBe(200);
  expect(snapshot().generation).toBe(2);
  off();
  await stop();
  expect(states.at(-1)).toBe('valid');
  expect(auth.snapshot().state).toBe('stopped');
  expect(auth.stop).toBe(stop);
});

it('a method can be replaced, and watched by a spy, for one session', async () => {
  const { auth } = await makeAuth();
  const { auth: other } = await makeAuth();
  const spy = vi.spyOn(auth, 'start');
  await auth.start();
  await other.start();
  expect(spy).toHaveBeenCalledOnce();
  expect(auth.snapshot().state).toBe('valid');
  spy.mockRestore();
  const stop = vi.fn(async () => undefined);
  Object.assign(auth, { stop });
  await auth.stop();
  expect(stop).toHaveBeenCalledOnce();
  expect(auth.snapshot().state).toBe('valid');
});
