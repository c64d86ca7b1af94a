import { assign, createMachine, raise } from 'xstate';
import { describe, expect, test } from 'vitest';
import { pathsOf } from '../../../src/statechart/index.ts';

describe('a machine that never comes to rest', () => {
  test('by `always` is an error', () => {
    const machine = {
      id: 'ring',
      initial: 'a',
      states: { a: { on: { GO: 'b' } }, b: { always: 'c' }, c: { always: 'b' } },
    };
    expect(() => pathsOf(createMachine(machine))).toThrow(
      'The machine "ring" does not come to rest on "GO" (GO) in "a": its "always"',
    );
  });

  test('from its start is an error', () => {
    const machine = { id: 'ring', initial: 'b', states: { b: { always: 'c' }, c: { always: 'b' } } };
    expect(() => pathsOf(createMachine(machine))).toThrow(
      'The machine "ring" does not come to rest at its start',
    );
  });

  test('by an event that it raises again and again is an error', () => {
    const machine = createMachine({
      id: 'echo',
      initial: 'a',
      states: { a: { on: { GO: { actions: raise({ type: 'GO' }) } } } },
    });
    expect(() => pathsOf(machine)).toThrow('The machine "echo" does not come to rest on "GO" (GO) in "a"');
  });

  test('may say itself how long it takes', () => {
    const counting = (maxIterations?: number) =>
      createMachine({
        ...(maxIterations === undefined ? {} : { options: { maxIterations } }),
        context: { count: 0 },
        initial: 'a',
        states: {
          a: { on: { GO: 'b' } },
          b: {
            always: [
              { guard: ({ context }) => context.count >= 1_500, target: 'c' },
              { actions: assign({ count: ({ context }) => context.count + 1 }) },
            ],
          },
          c: {},
        },
      });
    expect(() => pathsOf(counting())).toThrow('give the machine a larger "options.maxIterations"');
    expect(pathsOf(counting(2_000)).coverage.unreached).toEqual([]);
  });
});

test('a machine that breaks at its start is an error', () => {
  const machine = createMachine({
    id: 'fragile',
    context: () => {
      throw new TypeError('crashed');
    },
  });
  expect(() => pathsOf(machine)).toThrow('The machine "fragile" breaks at its start: TypeError: crashed');
});
