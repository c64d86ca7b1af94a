// What the machine should do and does not yet. A test that begins to pass is mended: it then loses its `fails`.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  adopted,
  bareToken,
  connected,
  identified,
  loginRefused,
  noon,
  refreshRefused,
  refused,
  rejected,
  renewed,
  restored,
  session,
  timer,
  trouble,
  valid,
} from './sessions.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: noon }));
afterEach(() => vi.useRealTimers());

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

describe('a loop without a wait', () => {
  test.fails('a server whose new tokens have expired when they come is not asked again at once', async () => {
    const held = await valid();
    held.actor.send(rejected(1));
    for (let generation = 2; generation < 6; generation += 1) {
      await held.answer('exchange', renewed(session(generation, { expiresAt: Date.now() })));
      if (held.pending.length === 0) break;
    }
    expect(held.calls.filter(({ id }) => id === 'exchange').length).toBeLessThan(4);
    expect(held.clock.pending).not.toEqual([]);
  });

  test.fails('a client that dies whenever it was started is not started again at once for ever', async () => {
    const held = await valid();
    for (let death = 0; death < 10; death += 1) {
      held.actor.send({ type: 'client.died' });
      if (held.pending.length === 0) break;
      await held.answer('connect', connected);
    }
    expect(held.calls.filter(({ id }) => id === 'connect').length).toBeLessThan(10);
  });

  test.fails('two processes that adopt each other’s tokens do not outwit the breaker', async () => {
    const held = await valid();
    held.actor.send({ type: 'session.adopted', session: session(2) });
    await held.answer('connect', connected);
    held.actor.send(rejected(2));
    await held.answer('exchange', adopted(session(3)));
    await held.answer('connect', connected);
    held.actor.send(rejected(3));
    await held.answer('exchange', adopted(session(4)));
    await held.answer('connect', connected);
    held.actor.send(rejected(4));
    expect(held.clock.pending).toContain(timer.breaker);
  });
});

describe('a token that serves is given up', () => {
  test.fails('by a login that nobody needed and that was refused', async () => {
    const held = await valid({ session: bareToken() });
    held.actor.send({ type: 'refresh' });
    await held.answer('logIn', loginRefused);
    expect(held.actor.getSnapshot().hasTag('usable')).toBe(true);
  });

  test.fails('when the refresh token and the login are refused long before its expiry', async () => {
    const held = await valid();
    pass(200_000);
    held.clock.fire(timer.renewal);
    await held.answer('exchange', refreshRefused);
    await held.answer('logIn', loginRefused);
    expect(held.actor.getSnapshot().hasTag('usable')).toBe(true);
  });
});

describe('a wait that is too long', () => {
  test.fails('when the token is about to expire, the renewal that has backed off is tried once more', async () => {
    const held = await valid({ input: { salt: 1 } });
    held.clock.fire(timer.renewal);
    for (let attempt = 0; attempt < 9; attempt += 1) {
      await held.answer('exchange', trouble);
      if (attempt < 8) held.clock.fire(timer.backoff);
    }
    held.clock.fire(timer.expiry);
    const waiting = held.clock.pending.includes(timer.backoff) ? held.clock.msOf(timer.backoff) : 0;
    // Requests wait two minutes by default, and then give up.
    expect(waiting).toBeLessThanOrEqual(120_000);
  });

  test.fails('an account that is deactivated while it is locked is not asked for ever', async () => {
    const held = await valid();
    held.actor.send(rejected(1, 'M_USER_LOCKED'));
    held.clock.fire(timer.probe);
    await held.answer('probe', refused('whoami', 403, 'M_USER_DEACTIVATED'));
    expect(held.value).toBe('failed');
  });
});

describe('what is told', () => {
  test.fails('a whoami without a device is no change of device', async () => {
    const held = await restored();
    await held.answer('identify', { outcome: 'identified', userId: identified.userId });
    expect(held.emitted).toEqual([]);
    expect(held.calls.at(-1)?.input).toEqual({ generation: 1, replace: false });
  });

  test.fails('a server without refresh tokens has not ended the session', async () => {
    const held = await valid({ canLogIn: false });
    held.actor.send(rejected(1));
    await held.answer('exchange', refused('refresh', 404, 'M_UNRECOGNIZED'));
    expect(held.context.reason).not.toBe('session-ended');
  });

  test.fails('a session that another process has got on another device is verified, however it is met', async () => {
    const held = await valid();
    held.actor.send(rejected(1));
    await held.answer('exchange', adopted(session(2, { deviceId: 'OTHER' })));
    expect(held.pending.map(({ id }) => id)).toEqual(['identify']);
  });

  test.fails('a locked account is announced once, also when its token has expired', async () => {
    const held = await valid();
    held.actor.send(rejected(1));
    await held.answer('exchange', refused('refresh', 401, 'M_USER_LOCKED'));
    held.clock.fire(timer.probe);
    await held.answer('probe', refused('whoami', 401, 'M_UNKNOWN_TOKEN'));
    await held.answer('exchange', refused('refresh', 401, 'M_USER_LOCKED'));
    expect(held.emitted.filter(({ type }) => type === 'locked')).toHaveLength(1);
  });
});
