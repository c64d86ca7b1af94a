import { describe } from 'vitest';
import { killedAtAStep } from './killed-at-a-step.ts';
import { matrixSession } from './session.ts';
import { LIMIT_MS, SHORT_MS } from './lifetimes.ts';
import { storeAwayAndDoneWithout, storeAwayTooLong } from './store-away.ts';
import { describeOnStores } from './stores.ts';
import { wrongClock } from './wrong-clock.ts';

await describeOnStores(
  'On tokens that live a second',
  { accessTokenLifetimeMs: SHORT_MS, testTimeoutMs: LIMIT_MS },
  (context) => {
    describe('killed at a step of a rotation', () => killedAtAStep(context, matrixSession));
    describe('a store that is away for too long', () => storeAwayTooLong(context));
    describe('a store that is done without', () => storeAwayAndDoneWithout(context));
    // What keeps the session has no part in this.
    if (context.kind === 'SQLite')
      describe('a clock that is wrong', () => wrongClock(context, matrixSession, SHORT_MS));
  },
);
