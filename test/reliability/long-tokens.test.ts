import { describe } from 'vitest';
import { crashLoop } from './crash-loop.ts';
import { lateRefresh } from './late-refresh.ts';
import { LIMIT_MS, LONG_MS } from './lifetimes.ts';
import { matrixSession } from './session.ts';
import { storeAwayForAWhile } from './store-away.ts';
import { describeOnStores } from './stores.ts';

await describeOnStores(
  'On tokens that live a minute',
  { accessTokenLifetimeMs: LONG_MS, testTimeoutMs: LIMIT_MS },
  (context) => {
    describe('a late refresh between the commit of a pair and its first use', () =>
      lateRefresh(context, matrixSession));
    // What keeps the session has no part in this.
    if (context.kind === 'SQLite') describe('a crash loop', () => crashLoop(context));
    describe('a store that is away for a while', () => storeAwayForAWhile(context));
  },
);
