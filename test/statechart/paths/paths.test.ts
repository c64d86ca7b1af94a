import { assign, createMachine } from 'xstate';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { authCases } from '../../../src/machines/auth/model/cases.ts';
import { authStateKey } from '../../../src/machines/auth/model/state-key.ts';
import { authMachine } from '../../../src/machines/index.ts';
import { pathsOf } from '../../../src/statechart/paths/paths.ts';
import { authPaths } from '../../../src/machines/auth/model/auth-paths.ts';
import { form, player, trafficLight } from '../foreign.ts';
import { noon } from '../../machines/auth/sessions.ts';

const names = (paths: readonly { readonly name: string }[]) => paths.map(({ name }) => name);
const value = (snapshot: { readonly value: unknown }) => JSON.stringify(snapshot.value);

describe('the paths of the auth machine', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: noon });
  const paths = authPaths();
  beforeAll(() => vi.useFakeTimers({ toFake: ['Date'], now: noon }));
  afterAll(() => vi.useRealTimers());

  test('have names that can be read', () => {
    expect(names(paths.shortestPaths)).toContain('valid');
    expect(names(paths.edgeCoveringPaths)).toContain('valid, token rejected, refresh accepted, connected');
    const simple = paths.simplePaths({
      from: 'valid',
      maxSteps: 5,
      to: (snapshot) => snapshot.matches('valid'),
    });
    expect(names(simple)).toContain(
      'valid, renewal due, refresh refused, login accepted, identified, connected',
    );
  });

  test('have names of their own, the same each time', () => {
    const again = authPaths();
    for (const list of ['shortestPaths', 'edgeCoveringPaths'] as const) {
      expect(new Set(names(paths[list])).size).toBe(paths[list].length);
      expect(names(again[list])).toEqual(names(paths[list]));
    }
  });

  test('try every case somewhere', () => {
    const tried = new Set(paths.edgeCoveringPaths.flatMap(({ steps }) => steps.map(({ name }) => name)));
    expect(authCases.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
  });

  test('end where the machine can be left alone', () => {
    for (const { name, state } of paths.edgeCoveringPaths) {
      expect(
        ['valid', 'failed', 'stopped'].some((each) => state.matches(each as 'valid')),
        name,
      ).toBe(true);
    }
  });

  test('say what each is for', () => {
    const ignored = 'auth.valid: refresh -> ignored';
    const covering = paths.edgeCoveringPaths.filter(({ covers }) => covers.includes(ignored));
    expect(covering.map(({ steps }) => steps.at(-1)?.name)).toEqual(['refresh asked for']);
    expect(covering[0]?.steps.at(-1)?.edges).toEqual([expect.stringContaining('ignored')]);
  });

  test('make the events for a machine that is elsewhere in its life', () => {
    const path = paths.edgeCoveringPaths.find(({ name }) => name.startsWith('valid, token rejected'));
    const step = path?.steps.find(({ name }) => name === 'token rejected');
    const elsewhere = authMachine.resolveState({
      value: { valid: 'scheduled' },
      context: { ...(path?.state.context as never as object), session: { generation: 41 } } as never,
    });
    expect(step?.eventFor(elsewhere)).toMatchObject({ type: 'token.rejected', generation: 41 });
  });

  test('start and end within their bound, and meet no state value twice', () => {
    const simple = paths.simplePaths({ maxSteps: 4, maxPaths: 200 });
    expect(simple).toHaveLength(200);
    for (const { steps } of simple) {
      expect(steps.length - 1).toBeLessThanOrEqual(4);
      const values = steps.map(({ state }) => value(state));
      expect(new Set(values).size).toBe(
        values.length - (values.at(-1) === values[0] && values.length > 1 ? 1 : 0),
      );
    }
    const lengths = simple.map(({ steps }) => steps.length);
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
  });

  test('name the landmarks there are when one is asked for that is not', () => {
    expect(() => paths.simplePaths({ from: 'paradise', maxSteps: 3 })).toThrow(
      'Landmarks that are reached: valid.',
    );
  });

  test('name what cannot be reached with fewer cases', () => {
    const { coverage } = authPaths({ cases: authCases.filter(({ name }) => name !== 'client unusable') });
    expect(coverage.unreached).toEqual([
      'auth.reconnecting.connecting: connect done [outcomeIs unusable] -> auth.failed',
    ]);
    expect(coverage.total - coverage.covered).toBe(1);
  });
});

test('a machine that a user extended is walked with the cases given and the user’s own', () => {
  const { config, implementations } = authMachine;
  const extended = createMachine(
    {
      ...config,
      states: {
        ...config.states,
        paused: { on: { resume: 'restoring' } },
        failed: { on: { pause: 'paused' } },
      },
    } as never,
    implementations as never,
  ) as unknown as typeof authMachine;
  const { shortestPaths, coverage } = pathsOf(extended, {
    cases: [...authCases, { name: 'paused by its operator', event: 'pause' }],
    stateKey: authStateKey,
    input: { salt: 0.5 },
  });
  expect(coverage.unreached).toEqual([]);
  expect(names(shortestPaths)).toContain('nothing given, paused by its operator');
});

describe('the paths of any machine', () => {
  test('need no cases where events bring nothing', () => {
    const { shortestPaths, edgeCoveringPaths, coverage } = pathsOf(player);
    expect(coverage).toEqual({ covered: 8, total: 8, unreached: [] });
    expect(shortestPaths).toHaveLength(8);
    expect(names(edgeCoveringPaths)).toContain('PLAY, PAUSE, PLAY');
  });

  test('end, with a key that leaves the counters out', () => {
    expect(() => pathsOf(trafficLight, { limit: 50 })).toThrow('more than 50 states');
    const { shortestPaths } = pathsOf(trafficLight, { stateKey: value });
    expect(names(shortestPaths)).toEqual(['start', 'after 30000 ms', 'after 30000 ms, after 3000 ms']);
  });

  test('lead over guards of all kinds, services, delays, raised events, and final states', () => {
    const { coverage, edgeCoveringPaths } = pathsOf(form, {
      cases: [
        { name: 'sent', event: 'SUBMIT', with: () => ({ text: 'hello' }) },
        { name: 'sent empty', event: 'SUBMIT', with: () => ({ text: '' }) },
        { name: 'accepted', event: 'send done', with: () => ({ output: { ok: true } }) },
        { name: 'turned down', event: 'send done', with: () => ({ output: { ok: false } }) },
        { name: 'failed', event: 'send error' },
      ],
      landmarks: { 'three attempts': ({ context }) => context.attempts === 3 },
    });
    expect(coverage.unreached).toEqual(['form.checking: always -> form.editing']);
    expect(names(edgeCoveringPaths)).toEqual(
      expect.arrayContaining([
        'sent, accepted',
        'sent empty',
        'three attempts, turned down, sent, after 1000 ms',
      ]),
    );
  });

  test('count a refusal only where somebody was asked, and not those of `always`', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: { on: { GO: { guard: () => true, target: 'b' }, STAY: { guard: () => false, target: 'b' } } },
        b: { on: { GO: 'c' }, always: { guard: () => false, target: 'a' } },
        c: { type: 'final' },
      },
    });
    const { coverage } = pathsOf(machine);
    expect(coverage.unreached).toEqual([
      'm.a: STAY [a condition] -> m.b',
      'm.b: always [a condition] -> m.a',
      'm.a: GO -> ignored',
    ]);
    expect(coverage.total).toBe(6);
  });

  test('take what is tried for its own sake only as a last resort', () => {
    const machine = createMachine({
      initial: 'a',
      states: {
        a: { on: { GO: 'b', LEAP: 'c', FALL: 'd' } },
        b: { on: { GO: 'c' } },
        c: {},
        d: {},
      },
    });
    const { shortestPaths } = pathsOf(machine, {
      cases: [
        { name: 'leap', event: 'LEAP', aside: true },
        { name: 'fall', event: 'FALL', aside: true },
      ],
    });
    expect(names(shortestPaths)).toEqual(['start', 'GO', 'GO, GO', 'fall']);
  });

  test('prefer the cases in their order', () => {
    const machine = createMachine({
      initial: 'a',
      states: { a: { on: { ONE: 'b', TWO: 'b' } }, b: {} },
    });
    const { shortestPaths } = pathsOf(machine, {
      cases: [
        { name: 'two', event: 'TWO' },
        { name: 'one', event: 'ONE' },
      ],
    });
    expect(names(shortestPaths)).toEqual(['start', 'two']);
  });

  test('let time pass where a case says so, and nowhere else', () => {
    const begun = Date.now();
    const isLate = () => Date.now() >= begun + 60_000;
    const egg = createMachine({
      id: 'egg',
      initial: 'raw',
      states: {
        raw: { on: { BOIL: { actions: [] }, EAT: { guard: isLate, target: 'eaten' } } },
        eaten: { type: 'final' },
      },
    });
    const paths = pathsOf(egg, {
      cases: [{ name: 'boiled', event: 'BOIL', afterMs: 120_000 }],
      stateKey: (snapshot) => `${value(snapshot)} ${isLate()}`,
    });
    expect(names(paths.shortestPaths)).toEqual(['start', 'boiled, EAT']);
    expect(paths.shortestPaths[1]?.steps.map(({ afterMs }) => afterMs)).toEqual([0, 120_000, 0]);
    expect(paths.coverage.unreached).toEqual([]);
  });

  test('leave the clock as it was, also when the machine breaks', () => {
    const { now } = Date;
    pathsOf(player);
    expect(Date.now).toBe(now);
    expect(() => pathsOf(form)).toThrow('guard');
    expect(Date.now).toBe(now);
  });

  test('simple ones stop where they come back to their beginning', () => {
    const simple = pathsOf(trafficLight, { stateKey: value }).simplePaths({ maxSteps: 7 });
    expect(names(simple)).toEqual([
      'after 30000 ms',
      'after 30000 ms, after 3000 ms',
      'after 30000 ms, after 3000 ms, after 30000 ms',
    ]);
    const ofPlayer = names(pathsOf(player).simplePaths({ maxSteps: 3 }));
    expect(ofPlayer).toContain('MUTE, UNMUTE');
    expect(ofPlayer).not.toContain('MUTE, UNMUTE, PLAY');
  });

  test('stop with a sentence when the machine breaks on an event that lacks something', () => {
    expect(() => pathsOf(form)).toThrow(/breaks|evaluate guard/);
  });

  test('stop with a sentence when the key leaves out what a guard depends on', () => {
    const twoFaced = createMachine({
      id: 'twoFaced',
      context: { armed: false },
      initial: 'a',
      states: {
        a: { on: { ARM: { target: 'b', actions: assign({ armed: true }) }, SKIP: 'b' } },
        b: { on: { GO: [{ guard: ({ context }) => context.armed, target: 'c' }, { target: 'a' }] } },
        c: { on: { BACK: { target: 'b', actions: assign({ armed: false }) } } },
      },
    });
    const paths = pathsOf(twoFaced, { stateKey: value });
    expect(() => paths.simplePaths({ maxSteps: 2 })).toThrow(
      'The "stateKey" leaves out something that a guard depends on',
    );
  });

  test('know a landmark that is not reached from one that is', () => {
    const paths = pathsOf(player, { landmarks: { never: () => false } });
    expect(() => paths.simplePaths({ from: 'never', maxSteps: 1 })).toThrow(
      'Landmarks that are reached: none.',
    );
  });
});
