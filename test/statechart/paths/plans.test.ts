import { type AnyMachineSnapshot, assign, createMachine, fromPromise } from 'xstate';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { pathsOf } from '../../../src/statechart/index.ts';
import { asText } from './plan.ts';
import { small } from './small.ts';

const names = (paths: readonly { readonly name: string }[]) => paths.map(({ name }) => name);
const planOf = (name: string) => {
  const { machine, options } = small[name] as (typeof small)[string];
  return pathsOf(machine, options);
};

function errorOf(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown.');
}

afterEach(() => vi.restoreAllMocks());

test.each(Object.keys(small))('the plan of a machine: %s', async (name) => {
  await expect(asText(planOf(name))).toMatchFileSnapshot(`golden/${name}.txt`);
});

test('while a plan is made, time stands still', () => {
  let now = 1_000;
  vi.spyOn(Date, 'now').mockImplementation(() => (now += 7));
  const { now: ticking } = Date;
  expect(planOf('time').shortestPaths.map(({ state }) => state.context)).toEqual([
    { begun: 1_007, cooked: 0 },
    { begun: 1_007, cooked: 0 },
    { begun: 1_007, cooked: 240_000 },
  ]);
  expect(Date.now).toBe(ticking);
});

describe('simple paths', () => {
  test('are as many as the bounds allow, the shortest first', () => {
    const paths = planOf('overlapping');
    const upToThree = ['X', 'Z', 'X, X', 'X, Y', 'X, Z', 'Z, X', 'Z, Z'];
    const ofThree = ['X, Y, X', 'Z, X, Y', 'Z, X, Z', 'Z, Z, X', 'Z, Z, Z'];
    expect(names(paths.simplePaths({ maxSteps: 3 }))).toEqual([...upToThree, ...ofThree]);
    // There is an end to them without a bound, too.
    expect(names(paths.simplePaths({ maxSteps: Number.POSITIVE_INFINITY }))).toEqual([
      ...upToThree,
      ...ofThree,
      'X, Y, X, Y',
      'X, Y, X, Z',
    ]);
    expect(names(paths.simplePaths({ maxSteps: 3, maxPaths: 3 }))).toEqual(['X', 'Z', 'X, X']);
  });

  test('may begin at a landmark, and end where they should', () => {
    const paths = planOf('cases');
    expect(names(paths.simplePaths({ from: 'middle', maxSteps: 2 }))).toEqual([
      'middle, small step',
      'middle, big step',
      'middle, small step, leap',
      'middle, small step, small step',
      'middle, big step, leap',
      'middle, big step, small step',
    ]);
    expect(
      names(paths.simplePaths({ from: 'beginning', maxSteps: 3, to: (snapshot) => snapshot.matches('d') })),
    ).toEqual(['leap', 'hop, small step', 'hop, big step', 'middle, small step', 'middle, big step']);
    expect(() => paths.simplePaths({ from: 'nowhere', maxSteps: 3 })).toThrow(
      'No way leads to the landmark "nowhere". Landmarks that are reached: beginning, middle, the middle too, nearby.',
    );
  });
});

test('paths that would have the same name are numbered', () => {
  const { machine } = small['cases'] as (typeof small)[string];
  const cases = ['NEXT', 'LEAP', 'HOP'].map((event) => ({ name: 'go', event }));
  expect(names(pathsOf(machine, { cases }).simplePaths({ maxSteps: 1 }))).toEqual(['go', 'go (2)', 'go (3)']);
});

test('paths begin with their landmark, however far it is', () => {
  const { machine, options } = small['cases'] as (typeof small)[string];
  const landmarks = { far: (snapshot: AnyMachineSnapshot) => snapshot.matches('e') };
  const [path] = pathsOf(machine, { ...options, landmarks }).simplePaths({ from: 'far', maxSteps: 1 });
  expect(path?.name).toBe('far, AGAIN');
  expect(path?.steps.map(({ state }) => state.value)).toEqual(['a', 'b', 'c', 'd', 'e', 'a']);
});

test('as many states as the limit are explored, and none more', () => {
  const { machine } = small['cases'] as (typeof small)[string];
  expect(() => pathsOf(machine, { limit: 8 })).not.toThrow();
  expect(errorOf(() => pathsOf(machine, { limit: 7 })).message).toContain(
    'The machine "m" has more than 7 states',
  );
});

test('the input reaches the machine', () => {
  const machine = createMachine({
    types: { input: {} as { size: number } },
    context: ({ input }) => ({ size: input.size }),
  });
  expect(pathsOf(machine, { input: { size: 3 } }).shortestPaths[0]?.state.context).toEqual({ size: 3 });
});

test('the same plan is given each time it is asked for', () => {
  const paths = planOf('cases');
  expect(paths.shortestPaths).toBe(paths.shortestPaths);
  expect(paths.edgeCoveringPaths).toBe(paths.edgeCoveringPaths);
});

test('an event is made for the machine that runs, at the time that it is', () => {
  const machine = createMachine({
    context: { count: 1 },
    on: { ADD: { actions: assign({ count: ({ context }) => context.count + 1 }) } },
  });
  const [path] = pathsOf(machine, {
    stateKey: () => 'one',
    cases: [
      {
        name: 'added',
        event: 'ADD',
        afterMs: 1_000,
        with: ({ context }) => ({ to: context.count, at: Date.now() }),
      },
    ],
  }).edgeCoveringPaths;
  const [start, step] = path?.steps ?? [];
  vi.spyOn(Date, 'now').mockReturnValue(5);
  const running = machine.resolveState({ value: {}, context: { count: 41 } });
  expect(start?.eventFor(running)).toEqual({ type: 'xstate.init' });
  expect(step?.eventFor(running)).toEqual({ type: 'ADD', to: 41, at: 5 });
});

test('a machine that breaks is named, with the case, the event, and the state', () => {
  const machine = createMachine({
    id: 'fragile',
    initial: 'a',
    states: {
      a: {
        invoke: {
          id: 'read',
          src: fromPromise(async () => undefined),
          onError: { guard: () => false, target: 'b' },
        },
      },
      b: {},
    },
  });
  const error = new TypeError('crashed');
  const broken = errorOf(() =>
    pathsOf(machine, { cases: [{ name: 'read badly', event: 'read error', with: () => ({ error }) }] }),
  );
  expect(broken.message).toContain(
    'The machine "fragile" breaks on "read badly" (read error) in "a": TypeError: crashed.',
  );
  expect(broken.cause).toBe(error);
});

test('the clock is as it was after a machine threw', () => {
  const { now } = Date;
  const machine = createMachine({
    on: {
      CRASH: {
        actions: assign(() => {
          throw new TypeError('crashed');
        }),
      },
    },
  });
  expect(() => pathsOf(machine)).toThrow('crashed');
  expect(Date.now).toBe(now);
});

test('a key that leaves out what a guard depends on is told of, with what it hides', () => {
  const machine = createMachine({
    id: 'm',
    context: { armed: false },
    initial: 'a',
    states: {
      a: { on: { ARM: { target: 'b', actions: assign({ armed: true }) }, SKIP: 'b' } },
      b: { on: { GO: [{ guard: ({ context }) => context.armed, target: 'c' }, { target: 'a' }] } },
      c: {},
    },
  });
  const paths = pathsOf(machine, { stateKey: ({ value }) => JSON.stringify(value) });
  expect(errorOf(() => paths.simplePaths({ maxSteps: 2 })).message).toContain(
    'In the path "SKIP, GO", "GO" takes [m.b GO 1], but took [m.b GO 0] in another state with the same key.',
  );
});
