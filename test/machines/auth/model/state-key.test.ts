import { createActor, type SnapshotFrom } from 'xstate';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { authMachine, authStateKey, type Session } from '../../../../src/machines/index.ts';
import { bareToken, lifetimeMs, noon, session } from '../sessions.ts';

type AuthSnapshot = SnapshotFrom<typeof authMachine>;
type Context = AuthSnapshot['context'];

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: noon }));
afterEach(() => vi.useRealTimers());

const { context: initial } = createActor(authMachine, { input: { salt: 0.5 } }).getSnapshot();
const minuteMs = 60_000;

const tokenFacts = (over: Partial<Context['token']>) => ({ ...initial.token, ...over });
const clientFacts = (over: Partial<Context['client']>) => ({ ...initial.client, ...over });

function keyIn(value: unknown, over: Partial<Context> = {}): string {
  const context: Context = { ...initial, session: session(), canLogIn: true, verified: true, ...over };
  return authStateKey(authMachine.resolveState({ value: value as never, context }));
}

const live = { valid: 'scheduled' };
const ahead = { refreshing: { service: 'ahead', renewal: 'exchanging' } };
const required = { refreshing: { service: 'required', renewal: 'exchanging' } };
const verifying = { reconnecting: 'verifying' };
const connecting = { reconnecting: 'connecting' };
const settled = [{ restoring: 'reading' }, 'failed', 'stopped'];
const everywhere = [live, ahead, required, verifying, connecting, { locked: 'waiting' }];

/** In a client that has just been started. */
const secondDeath = { client: clientFacts({ connectedAt: noon - 1, deaths: 1 }) };
const without = (over: Partial<Session>) => ({ session: session(1, over) });

describe('a state of the auth machine is another one', () => {
  test('by its value', () => {
    const keys = [...everywhere, ...settled].map((value) => keyIn(value));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test.each([...everywhere, ...settled])(
    'by what can renew its token, and whether it was seen: %o',
    (value) => {
      const keys = [
        {},
        { session: undefined },
        { canLogIn: false },
        { verified: false },
        { loginRefused: 'login-refused' } as const,
      ].map((over) => keyIn(value, over));
      expect(new Set(keys).size).toBe(keys.length);
    },
  );

  test.each(everywhere)('by what is known of its token: %o', (value) => {
    const keys = [
      {},
      { tokenGiven: true },
      { token: tokenFacts({ refreshRefused: true }) },
      without({ refreshable: false }),
      { session: bareToken() },
      without({ obtainedAt: noon - 2 * lifetimeMs, expiresAt: noon }),
      { token: tokenFacts({ issuedThisRun: true }) },
    ].map((over) => keyIn(value, over));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test.each([live, ahead, connecting])('by a client that would end at once: %o', (value) => {
    expect(keyIn(value, secondDeath)).not.toBe(keyIn(value));
  });

  test('by a client that has ended, and a wait, while the old token serves', () => {
    const keys = [{}, { client: clientFacts({ replace: true }) }, { notBefore: noon + 1 }].map((over) =>
      keyIn(ahead, over),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('a state of the auth machine is the same one', () => {
  test.each([...everywhere, ...settled])('whatever the counters and times are: %o', (value) => {
    for (const over of [
      { session: session(41) },
      without({ expiresAt: noon + 2 * lifetimeMs }),
      { failures: 3, lastTrouble: 'something', token: tokenFacts({ earlyDeaths: 1 }) },
      { notBefore: noon },
      { lockAnnounced: true, client: clientFacts({ connectedAt: noon - 10 * minuteMs }) },
    ]) {
      expect(keyIn(value, over), JSON.stringify(over)).toBe(keyIn(value));
    }
    const over = { obtainedAt: noon - 2 * lifetimeMs, expiresAt: noon };
    expect(keyIn(value, without({ ...over, expiresAt: noon - 1 }))).toBe(keyIn(value, without(over)));
  });

  test.each(settled)('whatever was known of a token that is forgotten: %o', (value) => {
    for (const over of [
      { tokenGiven: true },
      { token: tokenFacts({ refreshRefused: true }) },
      { session: bareToken() },
      { token: tokenFacts({ issuedThisRun: true }) },
      { client: { ...secondDeath.client, replace: true } },
    ]) {
      expect(keyIn(value, over), JSON.stringify(over)).toBe(keyIn(value));
    }
  });

  test.each([required, verifying, { locked: 'waiting' }])(
    'whatever the client would do, where it is not asked: %o',
    (value) => {
      expect(keyIn(value, secondDeath)).toBe(keyIn(value));
    },
  );

  test.each(everywhere.filter((value) => value !== ahead))(
    'whatever waits, where the old token does not serve on: %o',
    (value) => {
      expect(keyIn(value, { client: clientFacts({ replace: true }), notBefore: noon + 1 })).toBe(
        keyIn(value),
      );
    },
  );
});
