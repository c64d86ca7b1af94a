import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMatrixAuth, credentials } from '../../../src/index.ts';
import {
  type FaultProxy,
  startFaultProxy,
  startTestHomeserver,
  type TestHomeserver,
} from '../../../src/testing/index.ts';
import { quick, WHOAMI } from '../../auth/make.ts';
import { rounds } from '../../support/long.ts';

const fields = {
  '/login': ['access_token', 'refresh_token', 'expires_in_ms', 'user_id', 'device_id'],
  '/refresh': ['access_token', 'refresh_token', 'expires_in_ms'],
  '/account/whoami': ['user_id', 'device_id', 'is_guest'],
} as const;
type Path = keyof typeof fields;

/** An answer with one thing odd about it. */
interface Oddity {
  readonly path: Path;
  readonly field: string;
  /** JSON; `undefined` takes the field away. */
  readonly value: string | undefined;
  /** `instead`: the odd value is what a reader of JSON sees; the others leave the true one in sight. */
  readonly how: 'instead' | 'repeated after' | 'repeated before' | 'unknown extra' | 'byte order mark';
}

const oddValue = fc.oneof(
  fc.constantFrom(
    undefined,
    'null',
    '""',
    'true',
    '[]',
    '{}',
    '-1',
    '-1e300',
    '1e300',
    '1e999',
    '0',
    '"300000"',
  ),
  fc.constantFrom(
    JSON.stringify('x'.repeat(100_000)),
    '9'.repeat(400),
    `-${'9'.repeat(400)}`,
    `${'['.repeat(2_000)}${']'.repeat(2_000)}`,
    '{"__proto__":{"access_token":"canary-at-polluted"}}',
  ),
  fc.string({ unit: 'binary', minLength: 1 }).map((text) => JSON.stringify(`\u0001${text}`)),
  fc.json({ maxDepth: 1 }).filter((text) => !/^[1-9."]/.test(text)),
);
const oddity: fc.Arbitrary<Oddity> = fc
  .constantFrom(...Object.entries(fields).flatMap(([path, names]) => names.map((field) => ({ path, field }))))
  .chain(({ path, field }) =>
    fc.record({
      path: fc.constant(path as Path),
      field: fc.constant(field),
      value: oddValue,
      how: fc.constantFrom(
        'instead',
        'instead',
        'repeated after',
        'repeated before',
        'unknown extra',
        'byte order mark',
      ),
    }),
  );

/** Changes the body of an answer of 200. */
function madeOdd({ field, value, how }: Oddity, body: string): string {
  const object = JSON.parse(body) as Record<string, unknown>;
  if (how === 'byte order mark') return `\ufeff${body}`;
  // Without a value, the field is missing.
  if (value === undefined || how === 'instead') delete object[field];
  const rest = JSON.stringify(object);
  if (value === undefined) return rest;
  const comma = rest === '{}' ? '' : ',';
  const name = JSON.stringify(how === 'unknown extra' ? `x.${field}` : field);
  return how === 'repeated before'
    ? `{${name}:${value}${comma}${rest.slice(1)}`
    : `${rest.slice(0, -1)}${comma}${name}:${value}}`;
}

/** What the homeserver issued and the module could not use: there another login may follow. */
function breaksThePair({ path, field, value, how }: Oddity): boolean {
  if (path === '/account/whoami' || (field !== 'access_token' && field !== 'refresh_token')) return false;
  return value === undefined ? how !== 'byte order mark' : how === 'instead' || how === 'repeated after';
}

let homeserver: TestHomeserver;
let proxy: FaultProxy;
beforeAll(async () => {
  // No lost pair can be asked for again here.
  homeserver = await startTestHomeserver({ consumeRefreshTokenAtOnce: true });
  proxy = await startFaultProxy({ target: homeserver.url });
});
beforeEach(() => proxy.clear());
afterAll(async () => {
  await proxy.stop();
  await homeserver.stop();
});

/** A bot meets the oddity, once, before or after its first refresh. */
async function live(one: Oddity, refreshesBefore: number) {
  proxy.clear();
  const localpart = `u${randomBytes(8).toString('hex')}`;
  const password = `canary-pw-${randomBytes(12).toString('hex')}`;
  const { userId } = homeserver.createUser(localpart, password);
  const logins = homeserver.logins;
  const printed: unknown[] = [];
  const secrets = new Set([password]);
  const auth = createMatrixAuth({
    homeserver: proxy.url,
    credentials: credentials({ username: localpart, password }),
    schedule: quick,
    loginBudget: { burst: 20 },
    logger: { warn: (line) => printed.push(line), error: (line) => printed.push(line) },
  });
  for (const type of ['state', 'refreshed', 'logged-in', 'failed', 'frame'] as const) {
    auth.on(type, (event) => printed.push(event));
  }
  const note = (times: number, change: (body: string) => string) =>
    proxy.inject({
      match: ({ path }) => path.endsWith(one.path),
      times,
      fault: {
        kind: 'rewrite',
        body: (body) => {
          const changed = change(body);
          for (const text of [body, changed]) for (const token of tokensIn(text)) secrets.add(token);
          return changed;
        },
      },
    });
  try {
    if (refreshesBefore > 0 || one.path === '/refresh') await auth.start();
    for (let done = 0; done < refreshesBefore; done += 1) await auth.refresh();
    if (one.path === '/login' && refreshesBefore > 0) homeserver.revokeSession(userId);
    note(1, (body) => (body.includes('"errcode"') ? body : madeOdd(one, body)));
    await auth.start();
    if (one.path === '/refresh') await auth.refresh();
    const met = await auth.fetch(`${proxy.url}${WHOAMI}`);
    await auth.start();
    // What came of it lives on: the next refresh works.
    if (!breaksThePair(one)) await auth.refresh();
    return {
      status: met.status,
      whose: ((await met.json()) as { user_id: string }).user_id === userId || one.path === '/account/whoami',
      logins: homeserver.logins - logins,
      requests: proxy.requests.length,
      leaked: [...secrets].filter((secret) => inspect(printed, { depth: null }).includes(secret)).length,
      state: auth.snapshot().state,
    };
  } finally {
    await auth.stop();
  }
}

function tokensIn(body: string): string[] {
  return [...body.matchAll(/"(?:access|refresh)_token":"([^"]{8,})"/g)].map(([, token]) => token as string);
}

describe('an odd answer, on a homeserver that takes each refresh token once', () => {
  it('never loses a pair that was granted, never asks without end, and leaks nothing', async () => {
    await fc.assert(
      fc.asyncProperty(oddity, fc.integer({ min: 0, max: 1 }), async (one, refreshesBefore) => {
        const { logins, requests, ...rest } = await live(one, refreshesBefore);
        expect(rest).toEqual({ status: 200, whose: true, leaked: 0, state: 'valid' });
        const needed = one.path === '/login' && refreshesBefore > 0 ? 2 : 1;
        if (breaksThePair(one)) expect(logins).toBeLessThanOrEqual(needed + 1);
        else expect(logins).toBe(needed);
        expect(requests).toBeLessThan(16);
      }),
      { numRuns: rounds({ short: 60, long: 1_000 }) },
    );
  });
});
