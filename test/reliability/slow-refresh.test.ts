import { it } from 'vitest';
import { memorySessions } from '../../src/index.ts';
import { describeOnBoth } from '../support/both.ts';
import { LIMIT_MS, LONG_MS } from './lifetimes.ts';
import { goesOnDuringARefresh, slowRefresh } from './slow-refresh.ts';
import { describeOnStores } from './stores.ts';

const options = { accessTokenLifetimeMs: LONG_MS, testTimeoutMs: LIMIT_MS };

await describeOnStores('A slow refresh', options, (context) => slowRefresh(context));

describeOnBoth('A slow refresh, in memory', options, ({ homeserver, proxy }) => {
  it('holds up neither the sync, nor its position, nor another session', (test) =>
    goesOnDuringARefresh(test, { homeserver: homeserver(), proxy: proxy(), store: memorySessions() }));
});
