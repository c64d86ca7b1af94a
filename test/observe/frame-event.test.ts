import { posix } from 'node:path';
import { expect, test, vi } from 'vitest';
import { type Frame, observe } from '../../src/observe/index.ts';
import { publishFrames } from '../../src/auth/publish-frames.ts';
import { Listeners } from '../../src/auth/listeners.ts';
import { makeAuth, WHOAMI } from '../auth/make.ts';
import { codeBelow, repositoryFiles } from '../repo/files.ts';
import { importsOf } from '../repo/imports.ts';
import { drive } from './driven.ts';

test('auth.on("frame") tells what an observer tells', async () => {
  const { auth, homeserver, proxy } = await makeAuth({ sessionName: 'echo' });
  const told: Frame[] = [];
  const seen: Frame[] = [];
  observe(auth, { name: 'echo' }).subscribe((frame) => seen.push(frame));
  const end = auth.on('frame', (frame) => told.push(frame));
  await auth.start();
  homeserver.expireTokens('@bot:localhost');
  await auth.fetch(`${proxy.url}${WHOAMI}`);
  await auth.stop();
  end();
  const comparable = (frames: readonly Frame[]) =>
    frames.map(({ seq, bot, event, facts, detail, generation, counters, tags }) => [
      seq,
      bot,
      event,
      facts,
      detail,
      generation,
      { ...counters, since: 0 },
      tags,
    ]);
  expect(comparable(told)).toEqual(comparable(seen));
  expect(told.map(({ detail }) => detail)).toContain('refreshing.required.exchanging');
  expect(told.at(-1)).toMatchObject({ bot: 'echo', state: 'stopped', counters: { logins: 1, refreshes: 1 } });
});

test('nothing is worked out while nobody listens for frames', () => {
  const driven = drive();
  const inspect = vi.spyOn(driven.actor.system, 'inspect');
  const listeners = new Listeners({ warn() {}, error() {} });
  publishFrames(driven, 'echo', listeners);
  driven.signIn();
  expect(inspect).not.toHaveBeenCalled();

  const ends = [1, 2].map(() => listeners.on('frame', () => undefined));
  expect(inspect).toHaveBeenCalledTimes(1);
  const unsubscribe = vi.spyOn(inspect.mock.results[0]?.value as { unsubscribe(): void }, 'unsubscribe');
  ends[0]?.();
  expect(unsubscribe).not.toHaveBeenCalled();
  ends[1]?.();
  expect(unsubscribe).toHaveBeenCalledTimes(1);

  const frames: Frame[] = [];
  listeners.on('frame', (frame) => frames.push(frame));
  driven.signIn();
  expect(frames.map(({ detail }) => detail).at(-1)).toBe('valid.scheduled');
  expect(frames.at(-1)?.counters.adoptions).toBe(1);
});

test('a listener that throws is told so, and harms nobody', async () => {
  const { auth, log } = await makeAuth();
  auth.on('frame', () => {
    throw new RangeError('of a listener');
  });
  const told: Frame[] = [];
  auth.on('frame', (frame) => told.push(frame));
  await auth.start();
  expect(told.at(-1)?.state).toBe('valid');
  expect(log[0]).toMatch(/a listener for "frame" threw RangeError/);
});

test('whoever makes a session does not load the page', () => {
  const src = codeBelow(repositoryFiles(), 'src');
  const loaded = new Set<string>();
  const load = (path: string) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { specifier, typeOnly } of importsOf(src.get(path) ?? '')) {
      if (!typeOnly && specifier.startsWith('.')) load(posix.join(posix.dirname(path), specifier));
    }
  };
  load('src/index.ts');
  expect(loaded).toContain('src/observe/observe.ts');
  expect([...loaded].filter((path) => /^src\/(?:page|cli)\//.test(path))).toEqual([]);
});

test('auth.outgoing is how many messages wait to be sent, and a frame has it', async () => {
  const { auth, proxy } = await makeAuth();
  await auth.start();
  const observer = observe(auth);
  await proxy.away();
  auth.send('!room:localhost', { msgtype: 'm.text', body: 'later' }).catch(() => undefined);
  await vi.waitFor(() => expect(auth.outgoing.length).toBe(1));
  const { oldestAt } = auth.outgoing;
  expect(observer.now().counters).toMatchObject({ outgoing: 1, outgoingSince: oldestAt });
});

test('auth.held is how many requests wait for a usable token', async () => {
  const { auth, homeserver, proxy, reaches } = await makeAuth({
    schedule: { lockProbeMs: 5, backoffMinMs: 5 },
  });
  await auth.start();
  const observer = observe(auth);
  const held: number[] = [];
  auth.on('frame', ({ counters }) => held.push(counters.held));
  expect(auth.held).toBe(0);
  homeserver.setLocked('@bot:localhost', true);
  const requests = [1, 2, 3].map(() => auth.fetch(`${proxy.url}${WHOAMI}`));
  await reaches('locked');
  await vi.waitFor(() => expect(auth.held).toBe(3), 10_000);
  // While the account is locked it is asked again and again, and each time there is a frame.
  await vi.waitFor(() => expect(Math.max(...held)).toBe(3), 10_000);
  expect(observer.now().counters.held).toBe(3);
  homeserver.setLocked('@bot:localhost', false);
  await Promise.all(requests);
  expect(auth.held).toBe(0);
});
