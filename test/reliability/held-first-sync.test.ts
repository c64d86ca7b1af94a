import { it } from 'vitest';
import type { RecordedRequest } from '../../src/testing/index.ts';
import { Ledger } from './ledger.ts';
import { LIMIT_MS } from './lifetimes.ts';
import { sessionIn, storedSession } from './session.ts';
import { lengthened } from '../support/slowness.ts';
import { describeOnStores } from './stores.ts';
import { earlyIn } from './together.ts';

const LIFETIME_MS = lengthened(3_000);
/** Longer than a token lives. */
const HELD_MS = lengthened(4_000);
const PROCESSES = 4;

const isFirstSync = ({ path, query }: RecordedRequest) => path.endsWith('/sync') && !('since' in query);

await describeOnStores(
  'Four processes that are held in their first sync',
  { accessTokenLifetimeMs: LIFETIME_MS, testTimeoutMs: LIMIT_MS },
  ({ surroundings }) => {
    it('come up, and renew the session once per lifetime', async (test) => {
      const { homeserver, proxy, place, bot } = await surroundings(test);
      const { userId, session } = await storedSession(homeserver, place);
      proxy.inject({ match: isFirstSync, times: PROCESSES, fault: { kind: 'delay', delayMs: HELD_MS } });
      const ledger = new Ledger();
      const bots = Array.from({ length: PROCESSES }, () => bot({ syncs: true }));
      for (const one of bots) ledger.follow(one);
      await Promise.all(bots.map((one) => one.signedIn()));
      // Each has lived through another renewal since.
      const { generation } = await sessionIn(place);
      await Promise.all(bots.map((one) => one.says('session', (said) => said.generation > generation)));
      await Promise.all(bots.map((one) => one.stop()));

      const last = (await sessionIn(place)).generation;
      const refreshes = proxy.requests.filter(({ path }) => path.endsWith('/refresh'));
      test.expect(refreshes.map(({ status }) => status)).toEqual(refreshes.map(() => 200));
      test.expect(refreshes).toHaveLength(last - session.generation);
      test.expect(earlyIn(ledger, LIFETIME_MS)).toBe(0);
      test.expect(ledger.lostUpdates(last)).toBe(0);
      test.expect(ledger.signedOut).toBe(0);
      // A token was over when the homeserver got it; what was answered at last was not thrown away.
      const answered = proxy.requests.filter((request) => isFirstSync(request) && request.status === 200);
      test.expect(answered).toHaveLength(PROCESSES);
      test.expect(proxy.count({ path: '/login' })).toBe(0);
      test.expect(await homeserver.devices(userId)).toEqual(['BOT']);
    });
  },
);
