import { it } from 'vitest';
import { LIMIT_MS } from './lifetimes.ts';
import { randomFrom, seedOf } from './random.ts';
import { randomKills } from './random-kills.ts';
import { storedSession } from './session.ts';
import { describeOnStores } from './stores.ts';

const KILLS = 20;

await describeOnStores(
  'Killed at random moments, on tokens that live 250 ms',
  { accessTokenLifetimeMs: 250, testTimeoutMs: LIMIT_MS },
  ({ surroundings }) => {
    it(`is signed in again after each of ${KILLS} kills, without a password`, async (test) => {
      const { homeserver, proxy, place } = await surroundings(test);
      const { userId } = await storedSession(homeserver, place);
      const random = randomFrom(seedOf('random kills'));
      const tally = await randomKills({ proxy, place, kills: KILLS, random });
      test.expect(tally).toMatchObject({ kills: KILLS, logins: 0, signOuts: 0, lostUpdates: 0 });
      test.expect(await homeserver.devices(userId)).toEqual(['BOT']);
    });
  },
);
