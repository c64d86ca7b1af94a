import { randomBytes } from 'node:crypto';
import { describe, it } from 'vitest';
import { createHomeserver } from '../../src/adapters/homeserver/index.ts';
import { oauth } from '../../src/adapters/sign-in/oauth/index.ts';
import type { OAuthHomeserver } from '../support/oauth-homeserver.ts';
import { connectionCutter } from './cut-connection.ts';
import { killedAtAStep } from './killed-at-a-step.ts';
import { lateRefresh } from './late-refresh.ts';
import { withStoreAt } from './place.ts';
import { randomFrom, seedOf } from './random.ts';
import { type KindOfSession, statusOf } from './session.ts';
import type { StoreContext } from './stores.ts';
import { together } from './together.ts';

/** Signs in by a device grant, and leaves the session in the store. */
export const oauthSession: KindOfSession<OAuthHomeserver> = {
  refresh: '/oauth2/token',
  async stored(homeserver, place) {
    const { url } = homeserver;
    const { userId } = await homeserver.createUser(`user-${randomBytes(6).toString('hex')}`);
    const deviceId = `DEVICE${randomBytes(6).toString('hex')}`;
    const { promise: approved, resolve, reject } = Promise.withResolvers<unknown>();
    const answer = oauth().begin({
      homeserver: createHomeserver({ url }),
      homeserverUrl: url,
      fetch,
      deviceId,
      deviceDisplayName: 'a bot',
      refreshTokens: true,
      signal: new AbortController().signal,
      ask: (request) => void homeserver.approve(userId, request).then(resolve, reject),
    });
    await approved;
    const signedIn = await answer;
    if (!signedIn.ok) throw new Error('It was not signed in.');
    const { expiresInMs = 0, sentAt, ...grant } = signedIn.value;
    const session = {
      ...grant,
      userId,
      deviceId,
      generation: 1,
      obtainedAt: sentAt,
      expiresAt: sentAt + expiresInMs,
    };
    await withStoreAt(place, (store) =>
      store.update('default', 'session', () => ({ record: { session }, result: undefined })),
    );
    return { userId, session };
  },
  refreshBehind: (url, { refreshToken, renewal = {} }) =>
    statusOf(
      fetch(`${url}/oauth2/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          refresh_token: refreshToken?.reveal() ?? '',
          client_id: renewal['clientId'] ?? '',
        }),
      }),
    ),
};

/** How long tokens live, and how many of them to live through. */
export interface Lifetimes {
  readonly lifetimeMs: number;
  readonly lifetimes: number;
}

/** Processes that are killed, and processes that share a session of OAuth 2.0. */
export function oauthProcesses(
  context: StoreContext<OAuthHomeserver>,
  { lifetimeMs, lifetimes }: Lifetimes,
): void {
  describe('killed at a step of a rotation', () => killedAtAStep(context, oauthSession));
  // It says nothing of the store; SQLite's is the quicker one.
  if (context.kind === 'SQLite') {
    describe('a late refresh between the commit of a pair and its first use', () =>
      lateRefresh(context, oauthSession));
  }

  it('four processes on one session renew it once per lifetime and once more per fault', async (test) => {
    const { homeserver, proxy, place } = await context.surroundings(test);
    const { userId, session } = await oauthSession.stored(homeserver, place);
    const tally = await together({
      proxy,
      place: { ...place, lockTimeoutMs: lifetimeMs },
      lifetimeMs,
      lifetimes,
      random: randomFrom(seedOf('four processes of OAuth 2.0')),
      refreshPath: oauthSession.refresh,
      ...(place.kind === 'PostgreSQL' ? { cutStore: connectionCutter(place.connectionString) } : {}),
    });
    process.stdout.write(
      `OAuth 2.0, ${homeserver.label}, ${place.kind}, tokens of ${lifetimeMs} ms: ${JSON.stringify(tally)}\n`,
    );
    test.expect(tally).toMatchObject({ logins: 0, signOuts: 0, lostUpdates: 0 });
    test.expect(tally.renewals).toBeGreaterThanOrEqual(lifetimes);
    test.expect(tally.refreshes - tally.renewals).toBeLessThanOrEqual(tally.kills + tally.faults);
    test.expect(await homeserver.devices(userId)).toEqual([session.deviceId]);
  });
}
