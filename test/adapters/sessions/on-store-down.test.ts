import { expect, it, onTestFinished } from 'vitest';
import { observe } from '../../../src/observe/index.ts';
import { startTestHomeserver } from '../../../src/testing/index.ts';
import { createMatrixAuth, credentials, type MatrixAuthOptions, memorySessions } from '../../../src/index.ts';
import { interruptible, name } from './keeper-fixtures.ts';

/** A bot on tokens of a second, whose store is away once it is signed in. */
async function withStoreAway(options: Pick<MatrixAuthOptions, 'onStoreDown'>) {
  const homeserver = await startTestHomeserver({
    users: [{ localpart: 'bot', password: 'a password' }],
    accessTokenLifetimeMs: 1_000,
  });
  onTestFinished(() => homeserver.stop());
  const inner = memorySessions();
  const place = interruptible(inner);
  const log: string[] = [];
  const auth = createMatrixAuth({
    homeserver: homeserver.url,
    credentials: credentials({ username: 'bot', password: 'a password' }),
    sessions: place.store,
    schedule: { backoffMinMs: 5, backoffMaxMs: 20 },
    logger: { warn: (line) => log.push(line), error: (line) => log.push(line) },
    ...options,
  });
  onTestFinished(() => auth.stop());
  await auth.start();
  place.away();
  const reaches = (detail: string) =>
    new Promise<void>((resolve) => {
      auth.subscribe((snapshot) => {
        if (snapshot.detail === detail) resolve();
      });
    });
  const whoami = async () => (await auth.fetch(`${homeserver.url}/_matrix/client/v3/account/whoami`)).status;
  return { auth, inner, place, log, reaches, whoami };
}

it('by default, requests wait for the store, and nothing is lost', async () => {
  const { auth, inner, place, log, reaches, whoami } = await withStoreAway({});
  const { generation } = auth.snapshot();
  await reaches('refreshing.required.backingOff');
  const answer = whoami();
  place.back();
  expect(await answer).toBe(200);
  await auth.stop();
  expect((await inner.read(name, 'session'))?.session?.generation).toBeGreaterThan(generation ?? 0);
  expect(log).toEqual([]);
});

it('use-unpersisted: the bot goes on, warns once, and writes what it has when it stops', async () => {
  const { auth, inner, place, log, whoami } = await withStoreAway({ onStoreDown: 'use-unpersisted' });
  const { generation = 0 } = auth.snapshot();
  const renewedTwice = new Promise<void>((resolve) => {
    auth.on('refreshed', ({ session }) => {
      if (session.generation === generation + 2) resolve();
    });
  });
  await renewedTwice;
  expect(await whoami()).toBe(200);
  expect((await inner.read(name, 'session'))?.session?.generation).toBe(generation);
  expect(log.filter((line) => line.includes('store'))).toEqual([
    expect.stringMatching(/store is away.*renewed without the store.*may be lost/),
  ]);
  place.back();
  await auth.stop();
  expect((await inner.read(name, 'session'))?.session?.generation).toBeGreaterThanOrEqual(generation + 2);
});

it('use-unpersisted: the warning goes to who listens, instead, and is in the frames', async () => {
  const { auth, log } = await withStoreAway({ onStoreDown: 'use-unpersisted' });
  const observer = observe(auth);
  const kind = await new Promise((resolve) => {
    auth.on('warning', ({ warning }) => resolve(warning.kind));
  });
  expect(kind).toBe('unpersisted');
  expect(log).toEqual([]);
  expect(observer.frames.flatMap(({ warnings = [] }) => warnings)).toContain('unpersisted');
});
