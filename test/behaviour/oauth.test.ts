import { describe } from 'vitest';
import { rounds } from '../support/long.ts';
import { startOAuthTestHomeserver } from '../support/oauth-homeserver.ts';
import { lengthened } from '../support/slowness.ts';
import { oauthSuite } from './oauth-suite.ts';

const LIFETIMES = rounds({ short: 4, long: 10 });

describe('a bot that signs in by OAuth 2.0 (test homeserver)', { timeout: 240_000 }, () =>
  oauthSuite({ start: startOAuthTestHomeserver, lifetimeMs: lengthened(2_000), lifetimes: LIFETIMES }),
);
