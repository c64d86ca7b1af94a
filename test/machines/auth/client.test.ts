import { describe, expect, test } from 'vitest';
import { HeldMachine } from './held-machine.ts';
import {
  bareToken,
  connected,
  identified,
  loginRefused,
  reject,
  renewed,
  required,
  restored,
  session,
  timer,
  trouble,
  valid,
} from './sessions.ts';
import { atNoon, pass } from './at-noon.ts';

atNoon();
const connects = (held: HeldMachine) =>
  held.calls.filter(({ id }) => id === 'connect').map(({ input }) => input);

describe('the client', () => {
  test('is left in place by a refresh', async () => {
    const held = await valid();
    held.actor.send({ type: 'refresh' });
    await held.answer('exchange', renewed(session(2)));
    expect(connects(held).at(-1)).toEqual({ generation: 2, failures: 0, replace: false });
  });

  test('is replaced when it has died, once', async () => {
    const held = await valid();
    pass(120_000);
    held.actor.send({ type: 'client.died' });
    expect(held.value).toEqual({ reconnecting: 'connecting' });
    expect(connects(held).at(-1)).toEqual({ generation: 1, failures: 0, replace: true });
    await held.answer('connect', connected);
    held.actor.send({ type: 'refresh' });
    await held.answer('exchange', renewed(session(2)));
    expect(connects(held).at(-1)).toEqual({ generation: 2, failures: 0, replace: false });
  });

  test('is replaced when it has died while the token was renewed', async () => {
    const held = await valid();
    await reject(held, 1);
    held.actor.send({ type: 'client.died' });
    await held.answer('exchange', renewed(session(2)));
    expect(connects(held).at(-1)).toEqual({ generation: 2, failures: 0, replace: true });
  });

  test('is replaced when it dies while it is connected', async () => {
    const held = await valid();
    pass(120_000);
    held.actor.send({ type: 'refresh' });
    await held.answer('exchange', renewed(session(2)));
    held.actor.send({ type: 'client.died' });
    expect(connects(held).at(-1)).toEqual({ generation: 2, failures: 0, replace: true });
    expect(held.pending).toHaveLength(1);
    held.actor.send({ type: 'client.died' });
    expect(held.context.client.replace).toBe(true);
  });

  test('is replaced when the session is on another device, which is announced', async () => {
    const held = await valid();
    await reject(held, 1);
    await held.answer('exchange', renewed(session(2, { deviceId: 'OTHER' })));
    expect(held.emitted).toContainEqual({ type: 'device-changed', from: 'BOTDEVICE', to: 'OTHER' });
    await held.answer('identify', { ...identified, deviceId: 'OTHER' });
    expect(connects(held).at(-1)).toEqual({ generation: 2, failures: 0, replace: true });
  });

  test('is replaced when whoami names another device than is stored', async () => {
    const held = await restored();
    await held.answer('identify', { ...identified, deviceId: 'OTHER' });
    expect(held.emitted).toEqual([{ type: 'device-changed', from: 'BOTDEVICE', to: 'OTHER' }]);
    expect(held.context.session?.deviceId).toBe('OTHER');
    expect(connects(held).at(-1)).toEqual({ generation: 1, failures: 0, replace: true });
  });

  test('is replaced when this process begins or ceases to lead', async () => {
    const held = await valid();
    held.actor.send({ type: 'leadership.changed' });
    expect(held.value).toEqual({ reconnecting: 'connecting' });
    await held.answer('connect', connected);
    held.actor.send({ type: 'refresh' });
    await held.answer('exchange', renewed(session(2)));
    held.actor.send({ type: 'leadership.changed' });
    expect(connects(held)).toEqual([
      { generation: 1, failures: 0, replace: false },
      { generation: 1, failures: 0, replace: true },
      { generation: 2, failures: 0, replace: false },
      { generation: 2, failures: 0, replace: true },
    ]);
    expect(held.pending).toHaveLength(1);
  });

  test('is replaced later where that changes in the midst of a refresh', async () => {
    const held = await valid();
    await reject(held, 1);
    held.actor.send({ type: 'leadership.changed' });
    await held.answer('exchange', renewed(session(2)));
    expect(connects(held).at(-1)).toEqual({ generation: 2, failures: 0, replace: true });
  });

  test('is not paused when it had run for a minute', async () => {
    const held = await valid();
    pass(60_000);
    held.actor.send({ type: 'client.died' });
    expect(held.value).toEqual({ reconnecting: 'connecting' });
    expect(held.context.client.deaths).toBe(0);
  });

  test('is not replaced when whoami tells the device that nobody knew', async () => {
    const { deviceId: _, userId: __, ...unknown } = bareToken();
    const held = await restored({ session: unknown });
    await held.answer('identify', identified);
    expect(held.emitted).toEqual([]);
    expect(held.context.session).toMatchObject({ userId: '@bot:example.org', deviceId: 'BOTDEVICE' });
    expect(connects(held)).toEqual([{ generation: 1, failures: 0, replace: false }]);
  });

  test.each([
    ['cannot be made', { outcome: 'unusable', reason: 'client-failed' }],
    ['threw', undefined],
  ])('is left to a person if it %s', async (_, outcome) => {
    const held = await restored();
    await held.answer('identify', identified);
    await (outcome === undefined ? held.fail('connect', new Error('bug')) : held.answer('connect', outcome));
    expect(held.value).toBe('failed');
    expect(held.context.failureReason).toBe('client-failed');
  });

  describe('that ended soon after its start', () => {
    async function paused(): Promise<HeldMachine> {
      const held = await valid();
      held.actor.send({ type: 'client.died' });
      expect(held.value).toEqual({ reconnecting: 'pausing' });
      return held;
    }

    test('is started again after a while, and then nothing is wrong any more', async () => {
      const held = await paused();
      expect(held.context.lastTrouble).toContain('soon after');
      held.clock.fire(timer.clientPause);
      await held.answer('connect', connected);
      expect(held.value).toEqual({ valid: 'scheduled' });
      expect(held.context).toMatchObject({ failures: 0, lastTrouble: undefined });
    });

    test('is told from one that cannot be started yet, which is tried again, ever more seldom', async () => {
      const held = await restored({ input: { salt: 1 } });
      await held.answer('identify', identified);
      for (const ms of [1_000, 2_000, 4_000]) {
        await held.answer('connect', trouble);
        expect(held.value).toEqual({ reconnecting: 'pausing' });
        expect(held.context.lastTrouble).toBe(trouble.why);
        expect(held.clock.msOf(timer.clientPause)).toBe(ms);
        held.clock.fire(timer.clientPause);
      }
      await held.answer('connect', connected);
      expect(held.value).toEqual({ valid: 'scheduled' });
    });

    test('is started again at once when somebody asks for it', async () => {
      const held = await paused();
      held.actor.send({ type: 'retry' });
      expect(connects(held).at(-1)).toEqual({ generation: 1, failures: 0, replace: true });
    });

    test('leaves the token to the requests, and a refusal of it is met', async () => {
      const held = await paused();
      expect(held.actor.getSnapshot().tags).toEqual(new Set(['busy', 'usable']));
      await reject(held, 1);
      expect(held.value).toEqual(required('exchanging'));
    });

    test('does not count as a failure of the refresh that is under way', async () => {
      const held = await valid();
      await reject(held, 1);
      await held.answer('exchange', trouble);
      held.actor.send({ type: 'client.died' });
      expect(held.context).toMatchObject({ failures: 1, lastTrouble: trouble.why });
    });
  });

  test('is left to go on connecting when another process has renewed the token, and gets the new one then', async () => {
    const held = await restored();
    await held.answer('identify', identified);
    held.actor.send({ type: 'session.adopted', session: session(2) });
    held.actor.send({ type: 'session.adopted', session: session(3) });
    expect(held.calls.filter(({ id }) => id === 'connect')).toHaveLength(1);
    expect(held.pending[0]?.signal.aborted).toBe(false);
    expect(held.context.session?.generation).toBe(3);
    await held.answer('connect', { outcome: 'connected', generation: 1 });
    expect(held.pending[0]).toMatchObject({ id: 'connect', input: { generation: 3, replace: false } });
    await held.answer('connect', { outcome: 'connected', generation: 3 });
    expect(held.value).toEqual({ valid: 'scheduled' });
  });

  test('is connected anew when the session that another process has got is on another device', async () => {
    const held = await restored();
    await held.answer('identify', identified);
    const [, , first] = held.calls;
    held.actor.send({ type: 'session.adopted', session: session(2, { deviceId: 'OTHER' }) });
    expect(first?.signal.aborted).toBe(true);
    expect(held.value).toEqual({ reconnecting: 'verifying' });
  });

  test('may send requests while it is connected, and a refusal of the token is met', async () => {
    const held = await restored();
    await held.answer('identify', identified);
    expect(held.actor.getSnapshot().hasTag('usable')).toBe(true);
    expect(held.actor.getSnapshot().hasTag('live')).toBe(false);
    await reject(held, 1);
    expect(held.value).toEqual(required('exchanging'));
    expect(held.pending.map(({ id }) => id)).toEqual(['exchange']);
  });
});

describe('failed', () => {
  async function failed(): Promise<HeldMachine> {
    const held = await valid({ session: bareToken() });
    await reject(held, 1);
    await held.answer('logIn', loginRefused);
    return held;
  }

  test('needs a person, and says what for', async () => {
    const held = await failed();
    expect(held.actor.getSnapshot().tags).toEqual(new Set(['needs-person']));
    expect(held.emitted).toEqual([
      { type: 'failed', reason: 'login-refused', advice: expect.stringContaining('MATRIX_PASSWORD') },
    ]);
    expect(held.clock.pending).toEqual([]);
    expect(held.pending).toEqual([]);
  });

  test.each([{ type: 'retry' }, { type: 'credentials.provided', canLogIn: true }] as const)(
    'begins anew by $type, with everything forgiven',
    async (event) => {
      const held = await failed();
      held.actor.send(event);
      expect(held.value).toEqual({ restoring: 'reading' });
      expect(held.context).toMatchObject({
        failureReason: undefined,
        token: { refreshRefused: false, earlyDeaths: 0, neverAccepted: 0 },
        client: { deaths: 0 },
        failures: 0,
        lastTrouble: undefined,
        notBefore: undefined,
        breakerOpen: false,
      });
      expect(held.pending.map(({ id }) => id)).toEqual(['restore']);
    },
  );

  test('comes back when another process has got a session', async () => {
    const held = await failed();
    held.actor.send({ type: 'session.adopted', session: session(2) });
    expect(held.value).toEqual({ reconnecting: 'connecting' });
    expect(held.context.failureReason).toBeUndefined();
  });

  test('does not come back by anything else', async () => {
    const held = await failed();
    held.actor.send({ type: 'refresh' });
    await reject(held, 1);
    held.actor.send({ type: 'client.died' });
    expect(held.value).toBe('failed');
  });
});

describe('new credentials', () => {
  test('are tried at once where a login has backed off', async () => {
    const held = await valid({ session: bareToken() });
    await reject(held, 1);
    await held.answer('logIn', trouble);
    held.actor.send({ type: 'credentials.provided', canLogIn: true });
    expect(held.pending).toHaveLength(1);
    expect(held.clock.pending).toEqual([]);
  });

  test('are tried in place of those that are being tried', async () => {
    const held = await valid({ session: bareToken() });
    await reject(held, 1);
    const [first] = held.pending;
    held.actor.send({ type: 'credentials.provided', canLogIn: true });
    expect(first?.signal.aborted).toBe(true);
    first?.resolve(loginRefused);
    await held.answer('logIn', renewed(session(2)));
    expect(held.value).toEqual({ reconnecting: 'verifying' });
  });

  test('with a token are taken when the one in use is at its end', async () => {
    const held = await valid({ session: bareToken(), canLogIn: false });
    held.actor.send({ type: 'credentials.provided', canLogIn: false, token: true });
    expect(held.value).toEqual({ valid: 'resting' });
    await reject(held, 1);
    expect(held.value).toEqual({ restoring: 'reading' });
    await held.answer('restore', { outcome: 'restored', session: bareToken(2), canLogIn: false });
    await held.answer('identify', identified);
    await held.answer('connect', connected);
    await reject(held, 2);
    expect(held.value).toBe('failed');
  });

  test('with a token are none when the store has nothing after all', async () => {
    const held = await valid({ session: bareToken(), canLogIn: false });
    held.actor.send({ type: 'credentials.provided', canLogIn: false, token: true });
    await reject(held, 1);
    await held.answer('restore', { outcome: 'empty', canLogIn: false });
    expect(held.value).toBe('failed');
    expect(held.context).toMatchObject({ failureReason: 'no-credentials', session: undefined });
  });

  test('without a token and without a password are no way on', async () => {
    const held = await valid({ session: bareToken() });
    held.actor.send({ type: 'credentials.provided', canLogIn: false });
    await reject(held, 1);
    expect(held.value).toBe('failed');
    expect(held.context.failureReason).toBe('token-refused');
  });

  test('with a token and no password are taken in place of the login that is being tried', async () => {
    const held = await valid({ session: bareToken() });
    await reject(held, 1);
    held.actor.send({ type: 'credentials.provided', canLogIn: false, token: true });
    expect(held.value).toEqual({ restoring: 'reading' });
    expect(held.pending.map(({ id }) => id)).toEqual(['restore']);
  });

  test('are remembered for later where no login is needed now', async () => {
    const held = await restored({ canLogIn: false });
    held.actor.send({ type: 'credentials.provided', canLogIn: true });
    expect(held.value).toEqual({ reconnecting: 'verifying' });
    expect(held.context.canLogIn).toBe(true);
  });
});
