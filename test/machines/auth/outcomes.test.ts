// Where each service's outcome leads, one by one.
import { describe, expect, test } from 'vitest';
import { HeldMachine } from './held-machine.ts';
import {
  adopted,
  ahead,
  bareToken,
  identified,
  loginRefused,
  refreshRefused,
  refused,
  refuseRefresh,
  reject,
  renewed,
  required,
  restored,
  session,
  stillLocked,
  timer,
  tokenRefused,
  trouble,
  valid,
} from './sessions.ts';
import { atNoon } from './at-noon.ts';

atNoon();

const unusable = { outcome: 'unusable', reason: 'store-unusable' };
const someoneElse = { outcome: 'someone-else' };
const deactivated = (endpoint: 'login' | 'refresh' | 'whoami') =>
  refused(endpoint, 403, 'M_USER_DEACTIVATED');
const rateLimited = (endpoint: 'login' | 'refresh' | 'whoami') =>
  refused(endpoint, 429, 'M_LIMIT_EXCEEDED', 30_000);
const error = new Error('a bug in an adapter');

/** A machine that waits for this service. */
const waitingFor = {
  restore: async () => {
    const held = new HeldMachine();
    held.actor.start();
    return held;
  },
  exchange: async () => {
    const held = await valid();
    await reject(held, 1);
    return held;
  },
  logIn: async () => {
    const held = await valid({ session: bareToken() });
    await reject(held, 1);
    return held;
  },
  identify: () => restored(),
  connect: async () => {
    const held = await restored();
    await held.answer('identify', identified);
    return held;
  },
  probe: async () => {
    const held = await valid();
    await reject(held, 1, 'M_USER_LOCKED');
    held.clock.fire(timer.probe);
    return held;
  },
} satisfies Record<string, () => Promise<HeldMachine>>;
type Service = keyof typeof waitingFor;

describe('fails for good', () => {
  test.each<[Service, object, reason: string]>([
    ['restore', unusable, 'store-unusable'],
    ['exchange', unusable, 'store-unusable'],
    ['exchange', deactivated('refresh'), 'deactivated'],
    ['logIn', unusable, 'store-unusable'],
    ['logIn', deactivated('login'), 'deactivated'],
    ['logIn', loginRefused, 'login-refused'],
    ['logIn', refused('login', 404, 'M_UNRECOGNIZED'), 'login-unsupported'],
    ['identify', unusable, 'store-unusable'],
    ['identify', someoneElse, 'identity-mismatch'],
    ['identify', deactivated('whoami'), 'deactivated'],
    ['connect', { outcome: 'unusable', reason: 'client-failed' }, 'client-failed'],
    ['probe', someoneElse, 'identity-mismatch'],
    ['probe', deactivated('whoami'), 'deactivated'],
  ])('%s: %j: %s', async (service, outcome, reason) => {
    const held = await waitingFor[service]();
    await held.answer(service, outcome);
    expect(held.value).toBe('failed');
    expect(held.context.failureReason).toBe(reason);
    expect(held.emitted).toContainEqual(expect.objectContaining({ type: 'failed', reason }));
    expect(held.clock.pending).toEqual([]);
  });
});

describe('waits, notes why, and asks again', () => {
  test.each<[Service, outcome: object | undefined, value: object, why: string, timer: string]>([
    ['restore', trouble, { restoring: 'backingOff' }, trouble.why, timer.restoring],
    ['restore', undefined, { restoring: 'backingOff' }, 'an unexpected error in a service', timer.restoring],
    ['exchange', trouble, required('backingOff'), trouble.why, timer.backoff],
    [
      'exchange',
      rateLimited('refresh'),
      required('backingOff'),
      'refresh: 429 M_LIMIT_EXCEEDED',
      timer.backoff,
    ],
    ['exchange', undefined, required('backingOff'), 'an unexpected error in a service', timer.backoff],
    ['logIn', trouble, required('backingOff'), trouble.why, timer.backoff],
    ['logIn', rateLimited('login'), required('backingOff'), 'login: 429 M_LIMIT_EXCEEDED', timer.backoff],
    ['logIn', undefined, required('backingOff'), 'an unexpected error in a service', timer.backoff],
    ['identify', trouble, { reconnecting: 'backingOff' }, trouble.why, timer.verifying],
    [
      'identify',
      rateLimited('whoami'),
      { reconnecting: 'backingOff' },
      'whoami: 429 M_LIMIT_EXCEEDED',
      timer.verifying,
    ],
    [
      'identify',
      undefined,
      { reconnecting: 'backingOff' },
      'an unexpected error in a service',
      timer.verifying,
    ],
    ['connect', trouble, { reconnecting: 'pausing' }, trouble.why, timer.clientPause],
    ['probe', trouble, { locked: 'waiting' }, trouble.why, timer.probe],
    ['probe', stillLocked, { locked: 'waiting' }, 'whoami: 401 M_USER_LOCKED', timer.probe],
    ['probe', undefined, { locked: 'waiting' }, 'an unexpected error in a service', timer.probe],
  ])('%s: %j', async (service, outcome, value, why, after) => {
    const held = await waitingFor[service]();
    if (outcome === undefined) await held.fail(service, error);
    else await held.answer(service, outcome);
    expect(held.value).toEqual(value);
    expect(held.context).toMatchObject({ failures: 1, lastTrouble: why });
    held.clock.fire(after);
    expect(held.pending.map(({ id }) => id)).toEqual([service]);
  });

  test.each<Service>(['restore', 'exchange', 'logIn', 'identify', 'connect', 'probe'])(
    '%s: or at once, when somebody asks for it',
    async (service) => {
      const held = await waitingFor[service]();
      await held.answer(service, trouble);
      held.actor.send({ type: 'retry' });
      expect(held.pending.map(({ id }) => id)).toEqual([service]);
    },
  );
});

describe('is locked', () => {
  test.each<[Service, object]>([
    ['exchange', refused('refresh', 401, 'M_USER_LOCKED')],
    ['logIn', refused('login', 401, 'M_USER_LOCKED')],
    ['identify', stillLocked],
  ])('%s: %j', async (service, outcome) => {
    const held = await waitingFor[service]();
    await held.answer(service, outcome);
    expect(held.value).toEqual({ locked: 'waiting' });
    expect(held.context).toMatchObject({
      failures: 1,
      lastTrouble: expect.stringContaining('M_USER_LOCKED'),
    });
  });
});

describe('a service is told the generation in use', () => {
  test.each<Service>(['exchange', 'logIn', 'identify', 'connect', 'probe'])('%s', async (service) => {
    const held = await waitingFor[service]();
    expect(held.pending[0]?.input).toMatchObject({ generation: 1 });
  });
});

describe('another device is announced', () => {
  const other = { from: 'BOTDEVICE', to: 'OTHER', type: 'device-changed' };
  const elsewhere = session(2, { deviceId: 'OTHER' });
  test.each<[Service, object]>([
    ['exchange', renewed(elsewhere)],
    ['exchange', adopted(elsewhere)],
    ['logIn', renewed(elsewhere)],
    ['identify', { ...identified, deviceId: 'OTHER' }],
    ['probe', { ...identified, deviceId: 'OTHER' }],
  ])('%s: %j', async (service, outcome) => {
    const held = await waitingFor[service]();
    await held.answer(service, outcome);
    expect(held.emitted).toContainEqual(other);
  });

  test('when another process tells of it', async () => {
    const held = await valid();
    held.actor.send({ type: 'session.adopted', session: elsewhere });
    expect(held.emitted).toEqual([other, { type: 'adopted', session: elsewhere }]);
  });
});

describe('a refused token counts as an early death', () => {
  test('by whoami', async () => {
    const held = await waitingFor.identify();
    await held.answer('identify', tokenRefused);
    expect(held.value).toEqual(required('exchanging'));
    expect(held.context.token.earlyDeaths).toBe(1);
  });

  test('by whoami, straight after its issue', async () => {
    const held = await waitingFor.logIn();
    await held.answer('logIn', renewed(session(2)));
    const before = held.context.token.earlyDeaths;
    await held.answer('identify', tokenRefused);
    expect(held.value).toEqual(required('coolingDown'));
    expect(held.context.token.earlyDeaths).toBe(before + 1);
  });

  test('by a request, while it is renewed', async () => {
    const held = await valid();
    held.actor.send({ type: 'refresh' });
    await reject(held, 1);
    expect(held.value).toEqual(required('exchanging'));
    expect(held.context.token.earlyDeaths).toBe(1);
  });
});

describe('a warning is said', () => {
  const kinds = (held: HeldMachine) =>
    held.emitted.flatMap((event) =>
      event.type === 'warning' && 'warning' in event ? [(event.warning as { kind: string }).kind] : [],
    );

  test.each<[kind: string, outcome: object]>([
    ['refresh-refused', refreshRefused],
    ['refresh-unsupported', refused('refresh', 404, 'M_UNRECOGNIZED')],
  ])('%s, when it logs in instead', async (kind, outcome) => {
    const held = await waitingFor.exchange();
    await refuseRefresh(held, outcome);
    expect(held.value).toEqual(required('loggingIn'));
    expect(kinds(held)).toEqual([kind]);
  });

  test('unpersisted, when the new token could not be stored', async () => {
    const held = await waitingFor.exchange();
    await held.answer('exchange', { ...renewed(session(2)), unpersisted: true });
    expect(held.value).toEqual({ reconnecting: 'connecting' });
    expect(held.context.session?.generation).toBe(2);
    expect(kinds(held)).toEqual(['unpersisted']);
  });

  test('and none of a token that was stored', async () => {
    const held = await waitingFor.exchange();
    await held.answer('exchange', { ...renewed(session(2)), unpersisted: false });
    expect(kinds(held)).toEqual([]);
  });

  test('login-refused, when it goes on with the old token', async () => {
    const held = await valid();
    held.actor.send({ type: 'refresh' });
    await refuseRefresh(held);
    expect(held.value).toEqual(ahead('loggingIn'));
    await held.answer('logIn', loginRefused);
    expect(held.value).toEqual({ valid: 'resting' });
    expect(kinds(held)).toEqual(['refresh-refused', 'login-refused']);
    // There is nothing to refresh with any more, and that was said.
    held.actor.send({ type: 'refresh' });
    expect(kinds(held)).toHaveLength(2);
  });
});

describe('while the session is read', () => {
  test('it is busy, and what another process tells of is as old as that', async () => {
    const held = await waitingFor.restore();
    expect(held.actor.getSnapshot().tags).toEqual(new Set(['busy']));
    held.actor.send({ type: 'session.adopted', session: session(7) });
    expect(held.value).toEqual({ restoring: 'reading' });
    expect(held.emitted).toEqual([]);
  });
});

describe('a refresh that is asked for', () => {
  test('is none where there is nothing to get a token with', async () => {
    const held = await valid({ session: bareToken(), canLogIn: false });
    held.actor.send({ type: 'refresh' });
    expect(held.value).toEqual({ valid: 'resting' });
  });
});

describe('new credentials', () => {
  test('while it backs off are a new beginning', async () => {
    const held = await waitingFor.exchange();
    await refuseRefresh(held);
    await held.answer('logIn', trouble);
    held.actor.send({ type: 'credentials.provided', canLogIn: false, token: true });
    expect(held.value).toEqual({ restoring: 'reading' });
    expect(held.context).toMatchObject({
      token: { refreshRefused: false },
      failures: 0,
      lastTrouble: undefined,
      canLogIn: false,
      tokenGiven: true,
    });
  });

  test('after a failure are remembered', async () => {
    const held = await waitingFor.exchange();
    await held.answer('exchange', unusable);
    held.actor.send({ type: 'credentials.provided', canLogIn: false, token: true });
    expect(held.context).toMatchObject({ canLogIn: false, tokenGiven: true });
  });
});

describe('the stop', () => {
  test.each<Service>(['restore', 'exchange', 'logIn', 'identify', 'connect', 'probe'])(
    'while it waits for %s ends everything',
    async (service) => {
      const held = await waitingFor[service]();
      held.actor.send({ type: 'stop' });
      expect(held.actor.getSnapshot()).toMatchObject({ value: 'stopped', status: 'done' });
      expect(held.calls.at(-1)?.signal.aborted).toBe(true);
      expect(held.clock.pending).toEqual([]);
    },
  );

  test('after it was valid, too', async () => {
    const held = await valid();
    held.actor.send({ type: 'stop' });
    expect(held.actor.getSnapshot()).toMatchObject({ value: 'stopped', status: 'done' });
    expect(held.clock.pending).toEqual([]);
  });
});
