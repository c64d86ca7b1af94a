import { afterAll, beforeAll, describe } from 'vitest';
import { rounds } from '../support/long.ts';
import { type OAuthHomeserver, startOAuthTestHomeserver } from '../support/oauth-homeserver.ts';
import { describeOnPostgres } from '../support/postgres.ts';
import { lengthened } from '../support/slowness.ts';
import { LIMIT_MS } from './lifetimes.ts';
import { oauthProcesses } from './oauth-suite.ts';
import { postgresPlace, sqlitePlace } from './own-place.ts';
import { contextOf } from './stores.ts';

const LIFETIMES = rounds({ short: 5, long: 40 });
const tokens = { lifetimeMs: lengthened(1_000), lifetimes: LIFETIMES };

let homeserver: OAuthHomeserver;
beforeAll(async () => {
  homeserver = await startOAuthTestHomeserver({ accessTokenLifetimeMs: tokens.lifetimeMs });
});
afterAll(() => homeserver.stop());

const both = { homeserver: () => homeserver };

describe.concurrent('A session of OAuth 2.0: SQLite', { timeout: LIMIT_MS }, () =>
  oauthProcesses(contextOf(both, 'SQLite', sqlitePlace), tokens),
);
await describeOnPostgres('A session of OAuth 2.0: PostgreSQL', ({ connectionString }) =>
  oauthProcesses(
    contextOf(both, 'PostgreSQL', () => postgresPlace(connectionString)),
    tokens,
  ),
);
