import { describeWithOAuthSynapse } from '../oauth/describe.ts';
import { rounds } from '../support/long.ts';
import { oauthSuite } from './oauth-suite.ts';

const LIFETIMES = rounds({ short: 2, long: 10 });
/** Whole seconds, of which the first may be nearly over. */
const LIFETIME_MS = rounds({ short: 3_000, long: 5_000 });

describeWithOAuthSynapse('a bot that signs in by OAuth 2.0', { timeout: 240_000 }, (start) =>
  oauthSuite({ start, lifetimeMs: LIFETIME_MS, lifetimes: LIFETIMES }),
);
