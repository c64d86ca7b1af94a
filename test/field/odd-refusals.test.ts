import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMatrixAuth, credentials } from '../../src/index.ts';
import {
  type FaultProxy,
  startFaultProxy,
  startTestHomeserver,
  type TestHomeserver,
} from '../../src/testing/index.ts';
import { rounds } from '../support/long.ts';
import { Person } from '../support/rest.ts';

const API = '/_matrix/client/v3';
const PASSWORD = 'canary-pw-OddRefusals';
const SECRET = 'syt_Ym90_canary-at-InAnError_1';

/** Refusals that stand for nothing in the specification. Real error codes in wrong places are among them. */
const errcode = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    7,
    true,
    [],
    {},
    ['M_UNKNOWN_TOKEN'],
    { errcode: 'M_UNKNOWN_TOKEN' },
    'm_unknown_token',
    ' M_UNKNOWN_TOKEN',
    'M_UNKNOWN_TOKEN\n',
    'M_UNKNOWN_TOKEN_NOT',
    'M_NOT_JSON',
    'M_BAD_JSON',
    'ORG.EXAMPLE.ODD',
    SECRET,
    'M_'.repeat(50_000),
  ),
  fc.string(),
);
const extra = fc.constantFrom<object>(
  {},
  { soft_logout: null },
  { soft_logout: 'false' },
  { soft_logout: [] },
  { retry_after_ms: null },
  { retry_after_ms: '5' },
  { retry_after_ms: -1e300 },
  { retry_after_ms: {} },
  { error: null },
  { error: SECRET },
  { error: { deep: [SECRET] } },
  { error: 'x'.repeat(100_000) },
  { access_token: SECRET, refresh_token: SECRET },
  { user_id: '@someone:else.example' },
  { flows: null },
  { unknown: 'field' },
);
/** A wait that is honoured, up to what the schedule allows. Logins have a limit of their own, which is not what is looked at. */
const longWait = fc.constantFrom<object>({ retry_after_ms: 1e300 }, { retry_after_ms: 86_400_000 });

const refusal = fc.constantFrom('login', 'refresh', 'account/whoami', 'joined_rooms').chain((endpoint) =>
  fc.record({
    endpoint: fc.constant(endpoint),
    status: fc.constantFrom(400, 401, 402, 403, 404, 405, 408, 409, 418, 429, 451, 500, 502, 503, 599),
    errcode,
    extra: endpoint === 'login' ? extra : fc.oneof({ weight: 4, arbitrary: extra }, longWait),
    times: fc.integer({ min: 1, max: 3 }),
    at: fc.constantFrom('the start', 'the first renewal', 'the second renewal'),
  }),
);
type Refusal = typeof refusal extends fc.Arbitrary<infer T> ? T : never;

let homeserver: TestHomeserver;
let proxy: FaultProxy;
let users = 0;
beforeAll(async () => {
  // No lost pair can be asked for again here.
  homeserver = await startTestHomeserver({ consumeRefreshTokenAtOnce: true });
  proxy = await startFaultProxy({ target: homeserver.url });
});
afterAll(async () => {
  await proxy.stop();
  await homeserver.stop();
});

async function live({ endpoint, status, errcode: code, extra: more, times, at }: Refusal): Promise<void> {
  proxy.clear();
  users += 1;
  const localpart = `bot-${users}`;
  const { userId } = homeserver.createUser(localpart, PASSWORD);
  const printed: unknown[] = [];
  const print = (line: unknown) => void printed.push(line);
  const byPassword = endpoint === 'login';
  const { tokens } = byPassword
    ? { tokens: undefined }
    : await Person.signIn(homeserver.url, { localpart, password: PASSWORD }, { refreshToken: true });
  const auth = createMatrixAuth({
    homeserver: proxy.url,
    credentials: credentials(
      tokens === undefined
        ? { username: localpart, password: PASSWORD }
        : { accessToken: tokens.access_token, refreshToken: tokens.refresh_token as string },
    ),
    schedule: {
      ...{ backoffMinMs: 2, backoffMaxMs: 10, breakerMinMs: 2, breakerMaxMs: 10, lockProbeMs: 10 },
      ...{ retryAfterMaxMs: 20, serverErrorRetryAfterMaxMs: 20 },
    },
    loginBudget: { burst: 20 },
    logger: { debug: print, info: print, warn: print, error: print },
  });
  for (const type of ['state', 'frame', 'trouble', 'failed'] as const) auth.on(type, print);
  const refuse = () =>
    void proxy.inject({
      match: ({ path }) => path === `${API}/${endpoint}`,
      times,
      fault: { kind: 'answer', status, body: { errcode: code, ...more } },
    });
  const ask = () =>
    auth.fetch(`${proxy.url}${API}/joined_rooms`).then(
      ({ status: answered }) => answered,
      (error: unknown) => printed.push(error),
    );
  try {
    if (at === 'the start') refuse();
    await auth.start();
    for (const renewal of ['the first renewal', 'the second renewal']) {
      if (at === renewal) refuse();
      homeserver.expireTokens(userId);
      await ask();
      await auth.start();
    }
    proxy.clear();
    expect(await ask(), 'once all is well again, it works').toBe(200);
    expect(auth.snapshot()).toMatchObject({ state: 'valid', userId });
    expect(homeserver.devices(userId), 'the session is the same').toHaveLength(1);
    expect(inspect(printed, { depth: null, maxStringLength: null })).not.toMatch(/canary-|sy[tr]_/);
    // Three renewals with three tries each, and what is asked besides.
    expect(proxy.requests.length, 'it does not ask without end').toBeLessThan(30);
  } finally {
    proxy.clear();
    await auth.stop();
  }
}

const ROUNDS = rounds({ short: 40, long: 1_000 });
it(`a refusal that means nothing loses no pair, makes no loop, and prints no secret, in ${ROUNDS} variants`, {
  timeout: 60_000 + ROUNDS * 1_000,
}, async () => {
  await fc.assert(fc.asyncProperty(refusal, live), { numRuns: ROUNDS });
});
