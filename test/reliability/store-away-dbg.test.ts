import { it } from 'vitest';
import type { Place } from './place.ts';
import { withStoreAt } from './place.ts';
import { sessionIn, storedSession } from './session.ts';
import { describeOnStores } from './stores.ts';
import { startTcpProxy } from './tcp-proxy.ts';

interface Interruptible {
  /** The same place, as a bot sees it. */
  readonly place: Place;
  readonly away: () => Promise<void>;
  readonly back: () => Promise<void>;
}

/** The database cannot be reached; or somebody holds the file for longer than anybody waits. */
async function interruptible(place: Place): Promise<Interruptible> {
  if (place.kind === 'PostgreSQL') {
    const { url, away, back } = await startTcpProxy(place.connectionString);
    return { place: { ...place, connectionString: url }, away, back };
  }
  const held = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  let holding: Promise<void> | undefined;
  return {
    place: { ...place, lockTimeoutMs: 100 },
    away: async () => {
      holding = withStoreAt(place, (store) =>
        store.transact('default', async () => {
          held.resolve();
          await free.promise;
          return { result: undefined };
        }),
      );
      await held.promise;
    },
    back: async () => {
      free.resolve();
      await holding;
    },
  };
}

await describeOnStores('A store that is away', { accessTokenLifetimeMs: 4_000 }, ({ surroundings }) => {
  it('costs nothing but the wait: the old token serves to its end, and all goes on by itself', async (test) => {
    const mark: any[] = []; let only: any;
    setTimeout(() => { console.log(JSON.stringify(mark), only?.alive, JSON.stringify(only?.state)); for (const [i, m] of (only?.heard ?? []).entries()) if (m.type !== 'answer' || m.status !== 200) console.log(i, JSON.stringify(m)); }, 20_000);
    const { homeserver, proxy, place, bot } = await surroundings(test); mark.push('surr', place.kind);
    const { userId } = await storedSession(homeserver, place);
    const store = await interruptible(place);
    test.onTestFinished(() => store.back().catch(() => {}));
    // Renewed early, so that there is time before the end.
    mark.push('bot'); only = bot({ place: store.place, schedule: { refreshAfter: 0.1, refreshJitter: 0 } });
    await only.signedIn(); mark.push('in');
    await only.says('session');
    await only.says('answer', ({ status }) => status === 200, only.heard.length);
    const before = only.heard.length;
    await store.away(); mark.push(['away', only.heard.length]);
    const failed = await only.says('state', ({ detail }) => detail.endsWith('backingOff'), before);
    // Requests are answered all the same, until there is no token any more.
    await only.says('answer', ({ status }) => status === 200, only.heard.indexOf(failed));
    const { generation } = await only.says(
      'state',
      ({ detail }) => detail.startsWith('refreshing.required'),
      before,
    );

    await store.back(); mark.push(['back', only.heard.length]);
    await only.says('session', (session) => session.generation > generation);
    await only.says('answer', ({ status }) => status === 200, only.heard.length);
    await only.stop();
    const answers = only.heard.flatMap((said) => (said.type === 'answer' ? [said.status] : []));
    test.expect(new Set(answers)).toEqual(new Set([200]));
    test
      .expect(proxy.count(({ path }) => path.endsWith('/refresh')))
      .toBe((await sessionIn(place)).generation - 1);
    test.expect(proxy.count({ path: '/login' })).toBe(0);
    test.expect(await homeserver.devices(userId)).toEqual(['BOT']);
  });
});
