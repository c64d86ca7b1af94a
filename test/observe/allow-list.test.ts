import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { causeOf, type Frame, observe, type Observable, situationOf } from '../../src/observe/index.ts';
import { publishFrames } from '../../src/auth/publish-frames.ts';
import { Listeners } from '../../src/auth/listeners.ts';
import { defaultSchedule } from '../../src/machines/index.ts';
import { meterAuth } from '../../src/adapters/metrics/index.ts';
import { readingMeter } from '../adapters/metrics/reading-meter.ts';
import { rounds } from '../support/long.ts';

/** Secrets as they look in the wild; each is put where it does not belong. Put together, so that no report prints one. */
const secrets = fc
  .tuple(
    fc.constantFrom(
      'syt',
      'syr',
      'syl',
      'mat',
      'mct',
      'mcr',
      'mar',
      'mpt',
      'eyJ',
      'canary-at',
      'canary-pw',
      '',
    ),
    fc.stringMatching(/^[A-Za-z0-9]{24,40}$/),
  )
  .map(([kind, random]) => (kind.startsWith('canary') ? `${kind}-${random}` : `${kind}_${random}`));

/** A value of any kind that holds the secret. */
const holding = (secret: string): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.constant(secret),
    fc.constant([secret]),
    fc.constant({ access_token: secret, toString: () => secret, toJSON: () => secret }),
    fc.constant(`the token was ${secret}, it says`),
    fc.constant(`Bearer ${secret}`),
    fc.constant(new Error(secret)),
    fc.constant(Object.assign(() => secret, { secret })),
    fc.anything(),
  );

const contextKeys = [
  'lastTrouble',
  'failureReason',
  'salt',
  'notBefore',
  'failures',
  'client',
  'token',
  'extra',
];
/** What the groups in the context have. */
const factKeys = ['deaths', 'earlyDeaths', 'lifetimeTrusted', 'renewNotBefore', 'extra'];
const sessionKeys = [
  'userId',
  'deviceId',
  'generation',
  'fingerprint',
  'obtainedAt',
  'expiresAt',
  'refreshable',
  'accessToken',
  'refreshToken',
];
const values = [
  'valid',
  'locked',
  'failed',
  'stopped',
  { valid: 'scheduled' },
  { locked: 'waiting' },
  { reconnecting: 'pausing' },
];

const record = (keys: readonly string[], value: fc.Arbitrary<unknown>) =>
  fc.record(Object.fromEntries(keys.map((key) => [key, value])), { requiredKeys: [] });

const junk = secrets.chain((secret) => {
  const value = holding(secret);
  return fc.record({
    secret: fc.constant(secret),
    context: record(contextKeys, fc.oneof(value, record(factKeys, value))),
    session: record(sessionKeys, value),
    state: fc.constantFrom<unknown>(...values, secret, { [secret]: 'reading' }, { valid: secret }),
    tags: fc.array(fc.oneof(fc.constant('usable'), value)),
    held: value,
    homeserver: fc.oneof(value, fc.constant(`https://bot:${secret}@example.org/${secret}`)),
    events: fc.array(
      fc.record({
        type: fc.oneof(
          fc.constantFrom('token.rejected', 'xstate.done.actor.exchange', 'refresh'),
          fc.constant(secret),
        ),
        output: fc.oneof(record(['outcome', 'session', 'rejection', 'why'], value), value),
        rejection: fc.oneof(record(['endpoint', 'status', 'errcode', 'body'], value), value),
      }),
      { maxLength: 4 },
    ),
    facts: fc.array(fc.record({ type: fc.oneof(fc.constant('warning'), value), warning: value }), {
      maxLength: 3,
    }),
  });
});

type Junk = typeof junk extends fc.Arbitrary<infer T> ? T : never;

/** Something that looks like a session's actor, and holds anything. */
function strange({ context, session, state, tags, held, homeserver }: Junk) {
  const watchers: ((inspected: object) => void)[] = [];
  const handlers: ((event: object) => void)[] = [];
  const snapshot = {
    status: 'active',
    value: state,
    tags: new Set(tags),
    context: { schedule: defaultSchedule, session, ...context },
    hasTag: () => true,
    matches: () => true,
  };
  const actor = {
    getSnapshot: () => snapshot,
    on: (_type: string, handler: (event: object) => void) => {
      handlers.push(handler);
      return { unsubscribe() {} };
    },
    subscribe: () => ({ unsubscribe() {} }),
    system: {
      inspect: (watcher: (inspected: object) => void) => {
        watchers.push(watcher);
        return { unsubscribe() {} };
      },
    },
  };
  return { auth: { actor, held, homeserver } as unknown as Observable, actor, watchers, handlers };
}

describe('what is not on the list cannot get out', () => {
  test('of a frame, its words, and a measurement, whatever a session holds', () => {
    fc.assert(
      fc.property(junk, (thrown) => {
        const { auth, actor, watchers, handlers } = strange(thrown);
        const observer = observe(auth, { name: 'echo', logger: { warn() {} } });
        const told: Frame[] = [];
        const listeners = new Listeners({ warn() {}, error() {} });
        publishFrames(auth, 'echo', listeners);
        listeners.on('frame', (frame) => told.push(frame));
        const meter = readingMeter();
        meterAuth(auth, { name: 'echo', meter });
        for (const event of thrown.facts) for (const handler of handlers) handler(event);
        for (const event of thrown.events) {
          for (const watch of watchers) watch({ type: '@xstate.snapshot', actorRef: actor, event });
        }
        const frames = [...observer.frames, ...told, observer.now()];
        const words = frames.flatMap((frame) => [causeOf(frame), situationOf(frame)]);
        const out = JSON.stringify({ frames, words, measured: meter.read() });
        expect(out.includes(thrown.secret)).toBe(false);
        // Nor a good part of it.
        expect(out.includes(thrown.secret.slice(-20))).toBe(false);
      }),
      { numRuns: rounds({ short: 500, long: 5_000 }) },
    );
  });
});
