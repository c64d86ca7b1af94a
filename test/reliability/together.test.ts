import { it } from 'vitest';
import { rounds } from '../support/long.ts';
import { connectionCutter } from './cut-connection.ts';
import { LIMIT_MS } from './lifetimes.ts';
import { randomFrom, seedOf } from './random.ts';
import { storedSession } from './session.ts';
import { lengthened } from '../support/slowness.ts';
import { describeOnStores } from './stores.ts';
import { together } from './together.ts';

const LIFETIME_MS = lengthened(800);
const LOCK_TIMEOUT_MS = lengthened(1_000);
/** `npm run soak` has hundreds. */
const LIFETIMES = rounds({ short: 6, long: 40 });

await describeOnStores(
  'Four processes on one session',
  { accessTokenLifetimeMs: LIFETIME_MS, testTimeoutMs: LIMIT_MS },
  ({ surroundings }) => {
    it('renew it once per lifetime and once more per fault, and none is signed out', async (test) => {
      const { homeserver, proxy, place } = await surroundings(test);
      const { userId } = await storedSession(homeserver, place);
      const tally = await together({
        proxy,
        place: { ...place, lockTimeoutMs: LOCK_TIMEOUT_MS },
        lifetimeMs: LIFETIME_MS,
        lifetimes: LIFETIMES,
        random: randomFrom(seedOf('four processes')),
        ...(place.kind === 'PostgreSQL' ? { cutStore: connectionCutter(place.connectionString) } : {}),
      });
      process.stdout.write(`${place.kind}, tokens of ${LIFETIME_MS} ms: ${JSON.stringify(tally)}\n`);
      test.expect(tally).toMatchObject({ logins: 0, signOuts: 0, lostUpdates: 0 });
      test.expect(tally.renewals).toBeGreaterThanOrEqual(LIFETIMES);
      const injected = tally.kills + tally.faults;
      test.expect(tally.refreshes - tally.renewals).toBeLessThanOrEqual(injected);
      test.expect(tally.early).toBeLessThanOrEqual(injected);
      test.expect(await homeserver.devices(userId)).toEqual(['BOT']);
    });
  },
);
