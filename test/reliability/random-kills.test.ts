import { it } from 'vitest';
import { rounds } from '../support/long.ts';
import { LIMIT_MS } from './lifetimes.ts';
import { randomFrom, seedOf } from './random.ts';
import { randomKills } from './random-kills.ts';
import { storedSession } from './session.ts';
import { lengthened } from '../support/slowness.ts';
import { describeOnStores } from './stores.ts';

/** `npm run soak` has hundreds. */
const KILLS = rounds({ short: 5, long: 40 });
const lifetimeMs = lengthened(250);

await describeOnStores(
  'Killed at random moments, on tokens that live for a moment',
  { accessTokenLifetimeMs: lifetimeMs, testTimeoutMs: LIMIT_MS },
  ({ surroundings }) => {
    it(`is signed in again after each of ${KILLS} kills, without a password`, async (test) => {
      const { homeserver, proxy, place } = await surroundings(test);
      const { userId } = await storedSession(homeserver, place);
      const random = randomFrom(seedOf('random kills'));
      const tally = await randomKills({ proxy, place, lifetimeMs, kills: KILLS, random });
      test.expect(tally).toMatchObject({ kills: KILLS, logins: 0, signOuts: 0, lostUpdates: 0 });
      test.expect(await homeserver.devices(userId)).toEqual(['BOT']);
    });
  },
);
