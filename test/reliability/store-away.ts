import { DatabaseSync } from 'node:sqlite';
import { it } from 'vitest';
import type { BotProcess } from './bot-process.ts';
import type { Place } from './place.ts';
import { sessionIn, storedSession } from './session.ts';
import type { StoreContext, Surroundings } from './stores.ts';
import { startTcpProxy } from './tcp-proxy.ts';

interface Interruptible {
  /** The same place, as a bot sees it. */
  readonly place: Place;
  readonly away: () => Promise<void>;
  readonly back: () => Promise<void>;
  readonly end: () => Promise<void>;
}

/** The database cannot be reached; or somebody holds the file for longer than anybody waits. */
async function interruptible(place: Place): Promise<Interruptible> {
  if (place.kind === 'PostgreSQL') {
    const { url, away, back } = await startTcpProxy(place.connectionString);
    return { place: { ...place, connectionString: url }, away, back, end: away };
  }
  let holder: DatabaseSync | undefined;
  const back = async () => {
    holder?.close();
    holder = undefined;
  };
  return {
    place: { ...place, lockTimeoutMs: 100 },
    away: async () => {
      holder = new DatabaseSync(place.path, { timeout: 10_000 });
      holder.exec('BEGIN IMMEDIATE');
    },
    back,
    end: back,
  };
}

/** The old token serves, and there is no hurry. */
export function storeAwayForAWhile({ surroundings }: StoreContext): void {
  it('costs nothing while the old token is good', async (test) => {
    const around = await surroundings(test);
    const { homeserver, place, bot } = around;
    await storedSession(homeserver, place);
    const store = await interruptible(place);
    test.onTestFinished(store.end);
    const only = bot({ place: store.place, schedule: { refreshAfter: 0.01, refreshJitter: 0 } });
    await only.signedIn();
    const before = only.heard.length;
    await store.away();
    const failed = await only.says('state', ({ detail }) => detail === 'refreshing.ahead.backingOff', before);
    await only.says('answer', ({ status }) => status === 200, only.heard.indexOf(failed));
    await store.back();
    await checkAfterwards(test, around, only, failed.generation);
  });
}

/** No token works, and requests wait. */
export function storeAwayTooLong({ surroundings }: StoreContext): void {
  it('costs nothing but a wait when the old token expires', async (test) => {
    const around = await surroundings(test);
    const { homeserver, place, bot } = around;
    await storedSession(homeserver, place);
    const store = await interruptible(place);
    test.onTestFinished(store.end);
    const only = bot({ place: store.place });
    await only.signedIn();
    const before = only.heard.length;
    await store.away();
    const expired = ({ detail }: { readonly detail: string }) => detail === 'refreshing.required.backingOff';
    const { generation } = await only.says('state', expired, before);
    await store.back();
    await checkAfterwards(test, around, only, generation);
  });
}

/** Whoever wants that goes on without the store, and what it got is stored when it ends, if the store is back. */
export function storeAwayAndDoneWithout({ surroundings }: StoreContext): void {
  it('holds nothing up, and has the newest pair in the end', async (test) => {
    const { homeserver, proxy, place, bot } = await surroundings(test);
    await storedSession(homeserver, place);
    const store = await interruptible(place);
    test.onTestFinished(store.end);
    const first = bot({ place: store.place, onStoreDown: 'use-unpersisted' });
    await first.signedIn();
    // Right after a rotation, so that none is under way.
    await first.says('session', () => true, first.heard.length);
    await store.away();
    const stored = await sessionIn(place);
    await first.says('warning', ({ kind }) => kind === 'unpersisted');
    // More than once, before the store is back.
    await first.says('session', ({ generation }) => generation >= stored.generation + 2);
    await first.says('answer', ({ status }) => status === 200, first.heard.length);
    test.expect((await sessionIn(place)).generation).toBe(stored.generation);
    await store.back();
    await first.stop();

    const second = bot();
    await second.signedIn();
    await second.says('session', () => true, second.heard.length);
    await second.says('answer', ({ status }) => status === 200, second.heard.length);
    await second.stop();
    const heard = [...first.heard, ...second.heard];
    test.expect(heard.filter(({ type }) => type === 'warning')).toHaveLength(1);
    test.expect(heard.filter((said) => said.type === 'answer' && said.status !== 200)).toEqual([]);
    test.expect(proxy.count({ path: '/login' })).toBe(0);
  });
}

/** It goes on by itself, and no refresh was in vain. */
async function checkAfterwards(
  { expect }: { readonly expect: typeof import('vitest').expect },
  { proxy, place }: Surroundings,
  bot: BotProcess,
  generation: number,
): Promise<void> {
  await bot.says('session', (session) => session.generation > generation);
  await bot.says('answer', ({ status }) => status === 200, bot.heard.length);
  await bot.stop();
  expect(bot.heard.filter((said) => said.type === 'answer' && said.status !== 200)).toEqual([]);
  const refreshes = proxy.count(({ path }) => path.endsWith('/refresh'));
  expect(refreshes).toBe((await sessionIn(place)).generation - 1);
  expect(proxy.count({ path: '/login' })).toBe(0);
}
