import { afterAll, beforeAll, describe } from 'vitest';
import { describeWithOAuthSynapse } from '../oauth/describe.ts';
import { rounds } from '../support/long.ts';
import type { OAuthHomeserver } from '../support/oauth-homeserver.ts';
import { LIMIT_MS } from './lifetimes.ts';
import { oauthProcesses, oauthSession } from './oauth-suite.ts';
import { sqlitePlace } from './own-place.ts';
import { contextOf } from './stores.ts';
import { wrongClock } from './wrong-clock.ts';

/** Whole seconds, of which the first may be nearly over. */
const LIFETIME_MS = rounds({ short: 3_000, long: 5_000 });
const LIFETIMES = rounds({ short: 3, long: 10 });

describeWithOAuthSynapse('A session of OAuth 2.0', { timeout: LIMIT_MS }, (start) => {
  let homeserver: OAuthHomeserver;
  beforeAll(async () => {
    homeserver = await start({ accessTokenLifetimeMs: LIFETIME_MS });
  });
  afterAll(() => homeserver.stop());

  describe.concurrent('SQLite', () => {
    const context = contextOf({ homeserver: () => homeserver }, 'SQLite', sqlitePlace);
    oauthProcesses(context, { lifetimeMs: LIFETIME_MS, lifetimes: LIFETIMES });
    describe('a clock that is wrong', () => wrongClock(context, oauthSession, LIFETIME_MS));
  });
});
