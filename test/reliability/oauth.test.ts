import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createHomeserver } from '../../src/adapters/homeserver/index.ts';
import { oauth } from '../../src/adapters/sign-in/oauth/index.ts';
import { startTestHomeserver, type TestHomeserver } from '../../src/testing/index.ts';
import type { RunningHomeserver } from '../support/homeserver.ts';
import { rounds } from '../support/long.ts';
import { describeOnPostgres } from '../support/postgres.ts';
import { lengthened } from '../support/slowness.ts';
import { faceOf } from '../support/test-homeserver.ts';
import { connectionCutter } from './cut-connection.ts';
import { killedAtAStep } from './killed-at-a-step.ts';
import { LIMIT_MS } from './lifetimes.ts';
import { postgresPlace, sqlitePlace } from './own-place.ts';
import { withStoreAt } from './place.ts';
import { randomFrom, seedOf } from './random.ts';
import type { KindOfSession } from './session.ts';
import { contextOf, type StoreContext } from './stores.ts';
import { together } from './together.ts';

const LIFETIME_MS = lengthened(1_000);
const LIFETIMES = rounds({ short: 5, long: 40 });

let homeserver: TestHomeserver;
let face: RunningHomeserver;
beforeAll(async () => {
  homeserver = await startTestHomeserver({
    accessTokenLifetimeMs: LIFETIME_MS,
    oauth: { pollIntervalMs: 50, compatibility: false },
  });
  face = faceOf(homeserver);
});
afterAll(() => homeserver.stop());

/** Signs in by a device grant, and leaves the session in the store. */
const oauthSession: KindOfSession = {
  refresh: '/oauth2/token',
  async stored({ url }, place) {
    const { userId } = homeserver.createUser(`user-${randomBytes(6).toString('hex')}`, 'pw');
    const deviceId = `DEVICE${randomBytes(6).toString('hex')}`;
    const answer = await oauth().begin({
      homeserver: createHomeserver({ url }),
      homeserverUrl: url,
      fetch,
      deviceId,
      deviceDisplayName: 'a bot',
      refreshTokens: true,
      signal: new AbortController().signal,
      ask: ({ code }) => homeserver.oauth.approve(userId, code),
    });
    if (!answer.ok) throw new Error('It was not signed in.');
    const { expiresInMs = 0, sentAt, ...grant } = answer.value;
    const session = {
      ...grant,
      generation: 1,
      obtainedAt: sentAt,
      expiresAt: sentAt + expiresInMs,
    };
    await withStoreAt(place, (store) =>
      store.update('default', 'session', () => ({ record: { session }, result: undefined })),
    );
    return { userId, session };
  },
};

function suite(context: StoreContext): void {
  describe('killed at a step of a rotation', () => killedAtAStep(context, oauthSession));

  it('four processes on one session renew it once per lifetime and once more per fault', async (test) => {
    const { proxy, place } = await context.surroundings(test);
    const { userId, session } = await oauthSession.stored(face, place);
    const tally = await together({
      proxy,
      place: { ...place, lockTimeoutMs: LIFETIME_MS },
      lifetimeMs: LIFETIME_MS,
      lifetimes: LIFETIMES,
      random: randomFrom(seedOf('four processes of OAuth 2.0')),
      refreshPath: oauthSession.refresh,
      ...(place.kind === 'PostgreSQL' ? { cutStore: connectionCutter(place.connectionString) } : {}),
    });
    process.stdout.write(`OAuth 2.0, ${place.kind}, tokens of ${LIFETIME_MS} ms: ${JSON.stringify(tally)}\n`);
    test.expect(tally).toMatchObject({ logins: 0, signOuts: 0, lostUpdates: 0 });
    test.expect(tally.renewals).toBeGreaterThanOrEqual(LIFETIMES);
    test.expect(tally.refreshes - tally.renewals).toBeLessThanOrEqual(tally.kills + tally.faults);
    test.expect(await face.devices(userId)).toEqual([session.deviceId]);
  });
}

const both = { homeserver: () => face };

describe.concurrent('A session of OAuth 2.0: SQLite', { timeout: LIMIT_MS }, () =>
  suite(contextOf(both, 'SQLite', sqlitePlace)),
);
await describeOnPostgres('A session of OAuth 2.0: PostgreSQL', ({ connectionString }) =>
  suite(contextOf(both, 'PostgreSQL', () => postgresPlace(connectionString))),
);
