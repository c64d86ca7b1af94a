import { describe, expect, it, test } from 'vitest';
import { authPathPlans, type BotUnderTest, describeAuthPaths, runAuthPath } from '../../src/testing/index.ts';
import { bareMatrixJsSdk } from './bare-matrix-js-sdk.ts';
import { likeMatrixBotSdk } from './like-matrix-bot-sdk.ts';
import { likeMorpheum } from './like-morpheum.ts';
import { onThisModule } from './on-this-module.ts';

describeAuthPaths({
  vitest: { describe, it },
  name: 'a bot on this module stays signed in',
  concurrent: true,
  ...onThisModule,
  // A slow machine is no failure.
  patienceMs: 40_000,
});

/** matrix-js-sdk asks again up to 12 s after a request that found no homeserver; only then is its token refused. */
const AFTER_OUTAGE_MS = 12_000;

/** What the bot did wrong on each of these paths. */
async function wrongs<Handle>(
  bot: BotUnderTest<Handle>,
  ids: readonly string[],
): Promise<Record<string, string[]>> {
  const chosen = authPathPlans.filter(({ id }) => ids.includes(id));
  expect(chosen).toHaveLength(ids.length);
  const found = await Promise.all(
    chosen.map(async (plan) => {
      const patienceMs = plan.id === 'outage-expiry' ? AFTER_OUTAGE_MS : 4_000;
      const findings = await runAuthPath(plan, { ...bot, patienceMs });
      return [plan.id, findings.map(({ message }) => message)] as const;
    }),
  );
  return Object.fromEntries(found);
}

const text = (pattern: RegExp) => expect.stringMatching(pattern);

test('a bot on bare matrix-js-sdk 43 is silent after its token has expired', async () => {
  const silent = [
    text(/never answered again.*tried neither to refresh nor to log in.*asked nothing.*answered 401/),
  ];
  expect(await wrongs(bareMatrixJsSdk, ['expiry-idle', 'expiry-busy', 'expiry-hard', 'revoked'])).toEqual({
    'expiry-idle': silent,
    'expiry-busy': silent,
    'expiry-hard': silent,
    revoked: silent,
  });
});

test('a bot that keeps its session as matrix-bot-sdk does loops on a dead token', async () => {
  const looped = [
    text(/^after its .* it never answered again .*tried neither to refresh nor to log in$/),
    text(/^it looped on a dead token: \d+ requests with it in [\d.]+ s/),
  ];
  expect(
    await wrongs(likeMatrixBotSdk, ['expiry-idle', 'expiry-busy', 'revoked', 'locked', 'outage']),
  ).toEqual({
    'expiry-idle': looped,
    'expiry-busy': looped,
    revoked: looped,
    locked: [
      text(
        /^it lost messages sent while its account was locked .*it gave up an answer .* 401 M_USER_LOCKED$/,
      ),
    ],
    outage: [],
  });
});

test('a bot after morpheum’s pattern takes a ban for an expired token, and new devices', async () => {
  const found = await wrongs(likeMorpheum, [
    'expiry-busy',
    'revoked',
    'outage-expiry',
    'rate-limited',
    'refresh-lost',
    'forbidden',
  ]);
  expect(found['forbidden']).toContain(
    'it treated a ban (M_FORBIDDEN) as an expired token and logged in again',
  );
  expect(found['revoked']).toContainEqual(text(/^it logged in on a new device each time: 3 devices/));
  expect(found['expiry-busy']).toContainEqual(
    text(/^it lost messages sent just (?:before|after) its token expired/),
  );
  // Only the handler is wrapped: nobody notices what ends the sync loop.
  expect(found['outage-expiry']).toContainEqual(
    text(/never answered again.*tried neither to refresh nor to log in/),
  );
  expect(found['refresh-lost']).toContainEqual(
    text(/never answered again.*POST \/login, answered 200, and the answer was lost on its way/),
  );
  expect(found['rate-limited']).toContainEqual(text(/never answered again.*POST \/login, answered 429/));
});
