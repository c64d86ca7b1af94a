import { describe, expect, test } from 'vitest';
import type { HeldMachine } from './held-machine.ts';
import {
  adopted,
  ahead,
  bareToken,
  connected,
  identified,
  loginRefused,
  noon,
  refreshRefused,
  refused,
  refuseRefresh,
  reject,
  renewed,
  required,
  session,
  timer,
  trouble,
  valid,
} from './sessions.ts';
import { atNoon, pass } from './at-noon.ts';

atNoon();
const emittedTypes = (held: HeldMachine) => held.emitted.map(({ type }) => type);

describe('refreshing ahead of the expiry', () => {
  test('lets requests go on with the old token', async () => {
    const held = await valid();
    held.clock.fire(timer.renewal);
    expect(held.actor.getSnapshot().tags).toEqual(new Set(['busy', 'usable', 'live']));
  });

  test('lets them wait from ten seconds before the expiry on', async () => {
    const held = await valid();
    pass(200_000);
    held.clock.fire(timer.renewal);
    expect(held.clock.msOf(timer.expiry)).toBe(90_000);
    held.clock.fire(timer.expiry);
    expect(held.value).toEqual(required('exchanging'));
    expect(held.actor.getSnapshot().tags).toEqual(new Set(['busy']));
  });

  test('lets them wait when the old token is refused, and goes on with the exchange under way', async () => {
    const held = await valid();
    held.clock.fire(timer.renewal);
    await reject(held, 1);
    expect(held.value).toEqual(required('exchanging'));
    expect(held.calls.filter(({ id }) => id === 'exchange')).toHaveLength(1);
    expect(held.pending.map(({ id }) => id)).toEqual(['exchange']);
  });

  test('goes on with a token that serves when its refresh token is refused and there is no password', async () => {
    const held = await valid({ canLogIn: false });
    held.clock.fire(timer.renewal);
    await refuseRefresh(held);
    expect(held.value).toEqual({ valid: 'resting' });
    expect(emittedTypes(held)).toEqual(['warning']);
    await reject(held, 1);
    expect(held.value).toBe('failed');
    expect(held.context.failureReason).toBe('session-ended');
  });

  test('logs in at once when its refresh token is refused and there is a password', async () => {
    const held = await valid();
    held.clock.fire(timer.renewal);
    await refuseRefresh(held);
    expect(held.value).toEqual(ahead('loggingIn'));
    await held.answer('logIn', renewed(session(2)));
    await held.answer('identify', identified);
    await held.answer('connect', connected);
    expect(held.value).toEqual({ valid: 'scheduled' });
    expect(held.context.token.refreshRefused).toBe(false);
  });

  test('does not end in valid with a client that has died meanwhile', async () => {
    const held = await valid({ canLogIn: false });
    held.clock.fire(timer.renewal);
    held.actor.send({ type: 'client.died' });
    await refuseRefresh(held);
    expect(held.pending.map(({ id, input }) => ({ id, input }))).toEqual([
      { id: 'connect', input: { generation: 1, failures: 0, replace: true } },
    ]);
  });
});

describe('a token that is refused while another attempt is waited for', () => {
  async function waiting(outcome: object) {
    const held = await valid();
    held.clock.fire(timer.renewal);
    await held.answer('exchange', outcome);
    expect(held.value).toEqual(ahead('backingOff'));
    return held;
  }

  test('is renewed at once: requests wait from now on', async () => {
    const held = await waiting(trouble);
    await reject(held, 1);
    expect(held.value).toEqual(required('exchanging'));
  });

  test('is renewed at once when the time that the server asked for has come', async () => {
    const held = await waiting(refused('refresh', 429, 'M_LIMIT_EXCEEDED', 0));
    await reject(held, 1);
    expect(held.value).toEqual(required('exchanging'));
  });

  test('is not renewed before the time that the server asked for', async () => {
    const held = await waiting(refused('refresh', 429, 'M_LIMIT_EXCEEDED', 30_000));
    await reject(held, 1);
    expect(held.value).toEqual(required('backingOff'));
  });

  test('does not hurry the attempt again when more requests are refused', async () => {
    const held = await waiting(trouble);
    await reject(held, 1);
    await held.answer('exchange', trouble);
    await reject(held, 1);
    expect(held.value).toEqual(required('backingOff'));
  });
});

describe('refreshing that is required', () => {
  test('takes a token that another process got, without a request of its own', async () => {
    const held = await valid();
    await reject(held, 1);
    await held.answer('exchange', adopted(session(2)));
    expect(held.value).toEqual({ reconnecting: 'connecting' });
    expect(held.context).toMatchObject({ token: { issuedThisRun: false }, session: { generation: 2 } });
    expect(emittedTypes(held)).toEqual(['adopted']);
  });

  test('never fails by trouble: it backs off, longer each time, for ever', async () => {
    const { expiresAt: _, ...endless } = session();
    const held = await valid({ session: endless, input: { salt: 1 } });
    await reject(held, 1);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      if (attempt % 2 === 0) await held.answer('exchange', trouble);
      else await held.fail('exchange', new Error('a bug'));
      expect(held.value).toEqual(required('backingOff'));
      waits.push(held.clock.msOf(timer.backoff));
      held.clock.fire(timer.backoff);
    }
    expect(waits.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(waits.slice(-3)).toEqual([60_000, 60_000, 60_000]);
    await held.answer('exchange', renewed(session(2)));
    expect(held.context).toMatchObject({ failures: 0, lastTrouble: undefined });
  });

  test.each([
    ['of the homeserver', refused('refresh', 429, 'M_LIMIT_EXCEEDED', 60_000)],
    ['of the store', { outcome: 'trouble', why: 'spent', notBefore: noon + 60_000 }],
  ])('waits as long as asked for: by the word %s', async (_, outcome) => {
    const held = await valid();
    await reject(held, 1);
    await held.answer('exchange', outcome);
    expect(held.clock.msOf(timer.backoff)).toBe(60_000);
  });

  test('does not remember the wait that was asked for once it has passed', async () => {
    const held = await valid({ input: { salt: 1 } });
    await reject(held, 1);
    await held.answer('exchange', refused('refresh', 429, 'M_LIMIT_EXCEEDED', 60_000));
    held.clock.fire(timer.backoff);
    await held.answer('exchange', trouble);
    expect(held.clock.msOf(timer.backoff)).toBe(2_000);
  });

  test('tries again at once when asked to', async () => {
    const held = await valid();
    await reject(held, 1);
    await held.answer('exchange', trouble);
    held.actor.send({ type: 'retry' });
    expect(held.value).toEqual(required('exchanging'));
  });

  test.each([
    ['refused', refreshRefused],
    ['not offered by the server', refused('refresh', 404, 'M_UNRECOGNIZED')],
    ['of a session that is gone on Synapse', refused('refresh', 403, 'M_FORBIDDEN')],
  ])('logs in when the refresh token is %s, and does not try it again', async (_, outcome) => {
    const held = await valid();
    await reject(held, 1);
    await refuseRefresh(held, outcome);
    expect(held.value).toEqual(required('loggingIn'));
    expect(held.pending[0]?.input).toEqual({ generation: 1, failures: 0 });
    await held.answer('logIn', trouble);
    held.clock.fire(timer.backoff);
    expect(held.value).toEqual(required('loggingIn'));
    expect(emittedTypes(held)).toEqual(['warning']);
  });

  test.each([
    ['login-refused', loginRefused],
    ['login-unsupported', refused('login', 404, 'M_UNRECOGNIZED')],
    ['deactivated', refused('login', 403, 'M_USER_DEACTIVATED')],
    ['store-unusable', { outcome: 'unusable', reason: 'store-unusable' }],
  ] as const)('fails with %s only by an answer that says so', async (reason, outcome) => {
    const held = await valid({ session: bareToken() });
    await reject(held, 1);
    await held.answer('logIn', outcome);
    expect(held.value).toBe('failed');
    expect(held.context.failureReason).toBe(reason);
    expect(held.emitted.at(-1)).toMatchObject({ type: 'failed', reason });
  });

  test('fails with token-refused where nothing can renew the token', async () => {
    const held = await valid({ session: bareToken(), canLogIn: false });
    await reject(held, 1);
    expect(held.value).toBe('failed');
    expect(held.context.failureReason).toBe('token-refused');
  });

  test('fails when the account turns out to be deactivated', async () => {
    const held = await valid();
    await reject(held, 1);
    await held.answer('exchange', refused('refresh', 403, 'M_USER_DEACTIVATED'));
    expect(held.context.failureReason).toBe('deactivated');
  });
});
