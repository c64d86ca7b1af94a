import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { authPaths } from '../../../src/machines/auth/model/auth-paths.ts';
import { HeldMachine } from './held-machine.ts';
import { noon, reject, session } from './sessions.ts';
import { perform } from './walk.ts';

vi.useFakeTimers({ toFake: ['Date'], now: noon });
const states = authPaths().shortestPaths.map((path) => ({ path, state: JSON.stringify(path.state.value) }));
const running = states.filter(({ path }) => path.state.status === 'active');

beforeAll(() => vi.useFakeTimers({ toFake: ['Date'] }));
beforeEach(() => vi.setSystemTime(noon));
afterAll(() => vi.useRealTimers());

type Path = (typeof states)[number]['path'];

async function at(path: Path): Promise<HeldMachine> {
  const held = new HeldMachine();
  for (const step of path.steps) await perform(held, step.eventFor(held.actor.getSnapshot()));
  expect(held.value).toEqual(path.state.value);
  return held;
}

describe('in every state', () => {
  test.each(running)('it can be stopped, and what it waits for is called off: $state', async ({ path }) => {
    const held = await at(path);
    const pending = [...held.pending];
    held.actor.send({ type: 'stop' });
    expect(held.value).toBe('stopped');
    expect(held.actor.getSnapshot().status).toBe('done');
    expect(held.clock.pending).toEqual([]);
    for (const call of pending) {
      expect(call.signal.aborted).toBe(true);
      call.resolve({ outcome: 'connected' });
    }
    expect(held.errors).toEqual([]);
  });

  test.each(running)('stopping the actor calls off what it waits for, too: $state', async ({ path }) => {
    const held = await at(path);
    const pending = [...held.pending];
    held.actor.stop();
    expect(pending.map(({ signal }) => signal.aborted)).toEqual(pending.map(() => true));
    expect(held.clock.pending).toEqual([]);
  });

  const connecting = { reconnecting: 'connecting' } as const;
  // A client that is being connected is left alone: client.test.ts has it.
  const others = running.filter(
    ({ path }) => !path.state.matches('restoring') && !path.state.matches(connecting),
  );
  test.each(others)('it takes a newer session: $state', async ({ path }) => {
    const held = await at(path);
    const pending = [...held.pending];
    const generation = (held.context.session?.generation ?? 0) + 3;
    held.actor.send({ type: 'session.adopted', session: session(generation) });
    expect(held.actor.getSnapshot().matches('reconnecting')).toBe(true);
    expect(held.context.session?.generation).toBe(generation);
    expect(pending.map(({ signal }) => signal.aborted)).toEqual(pending.map(() => true));
    expect(held.emitted.map(({ type }) => type)).toContain('adopted');
    expect(held.pending.map(({ input }) => input)).toEqual([expect.objectContaining({ generation })]);
  });

  test.each(running)('it ignores a session that is no newer: $state', async ({ path }) => {
    const held = await at(path);
    const { session: mine } = held.context;
    const emitted = held.emitted.length;
    if (mine !== undefined) held.actor.send({ type: 'session.adopted', session: mine });
    expect(held.value).toEqual(path.state.value);
    expect(held.emitted).toHaveLength(emitted);
  });

  test.each(running)('it ignores that an old token was refused: $state', async ({ path }) => {
    const held = await at(path);
    const calls = held.calls.length;
    const generation = (held.context.session?.generation ?? 1) - 1;
    await reject(held, generation);
    await reject(held, generation, 'M_USER_LOCKED');
    expect(held.value).toEqual(path.state.value);
    expect(held.calls).toHaveLength(calls);
  });

  test.each(running.filter(({ path }) => Object.keys(path.state.children).length > 0))(
    'it survives that a service throws: $state',
    async ({ path }) => {
      const held = await at(path);
      for (const { id } of held.pending) await held.fail(id, new Error('a bug in an adapter'));
      expect(held.errors).toEqual([]);
      expect(held.actor.getSnapshot().status).toBe('active');
      // It is waiting to try again, or has told a person.
      expect(held.clock.pending.length > 0 || held.value === 'failed').toBe(true);
    },
  );

  test.each(running)(
    'it is not stuck: something is under way, or due, or a person was told: $state',
    async ({ path }) => {
      const held = await at(path);
      const resting = held.actor.getSnapshot().matches({ valid: 'resting' });
      expect(
        resting || held.pending.length > 0 || held.clock.pending.length > 0 || held.value === 'failed',
      ).toBe(true);
    },
  );
});

test('all states are reached', () => {
  expect(states.length).toBeGreaterThanOrEqual(18);
});
