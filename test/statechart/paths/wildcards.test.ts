import { type AnyStateMachine, createMachine } from 'xstate';
import { describe, expect, test } from 'vitest';
import { type MachinePaths, pathsOf } from '../../../src/statechart/index.ts';

const never = () => false;

/** Names and types of all events of the plan but the first. */
function eventsOf({ edgeCoveringPaths }: MachinePaths<AnyStateMachine>): string[] {
  const steps = edgeCoveringPaths.flatMap((path) => path.steps.slice(1));
  return [...new Set(steps.map(({ name, on, event }) => [name, on, event.type].join(' | ')))].toSorted();
}
const plan = (machine: object, options: object = {}) => pathsOf(createMachine(machine), options);

describe('a wildcard', () => {
  test('is tried by an event that is made up', () => {
    const paths = plan({ initial: 'a', states: { a: { on: { '*': 'b' } }, b: {} } });
    expect(eventsOf(paths)).toEqual(['* | * | anything']);
    expect(paths.coverage.unreached).toEqual([]);
  });

  test('that is partial, by one with its beginning', () => {
    const paths = plan({ initial: 'a', states: { a: { on: { 'mouse.*': 'b' } }, b: {} } });
    expect(eventsOf(paths)).toEqual(['mouse.* | mouse.* | mouse.anything']);
  });

  test('is tried by an event that nothing else means', () => {
    const paths = plan({
      initial: 'a',
      states: {
        a: { on: { '*': 'b', 'mouse.*': 'c', 'mouse.anything': 'd', 'anything.*': 'd', anything2: 'd' } },
        b: {},
        c: {},
        d: {},
      },
    });
    expect(eventsOf(paths)).toContain('* | * | anything3');
    expect(eventsOf(paths)).toContain('mouse.* | mouse.* | mouse.anything2');
    expect(paths.coverage.unreached).toEqual([]);
  });

  test('is tried by the cases of events that it means', () => {
    const paths = plan(
      { initial: 'a', states: { a: { on: { 'mouse.*': 'b', '*': 'c', KEY: 'd' } }, b: {}, c: {}, d: {} } },
      {
        cases: [
          { name: 'moved', event: 'mouse.move', with: () => ({ x: 1 }) },
          { name: 'clicked', event: 'mouse.click' },
          { name: 'typed', event: 'KEY' },
        ],
      },
    );
    expect(eventsOf(paths)).toEqual([
      '* | * | anything',
      'clicked | mouse.click | mouse.click',
      'moved | mouse.move | mouse.move',
      'typed | KEY | KEY',
    ]);
  });

  test('has cases of its own, too', () => {
    const paths = plan(
      { initial: 'a', states: { a: { on: { 'mouse.*': 'b' } }, b: {} } },
      { cases: [{ name: 'something of the mouse', event: 'mouse.*' }] },
    );
    expect(eventsOf(paths)).toEqual(['something of the mouse | mouse.* | mouse.anything']);
  });

  test('takes what a more exact one refuses, and both are counted', () => {
    const paths = plan({
      id: 'm',
      initial: 'a',
      states: { a: { on: { 'mouse.move': { guard: never, target: 'b' }, 'mouse.*': 'c' } }, b: {}, c: {} },
    });
    expect(paths.coverage.unreached).toEqual(['m.a: mouse.move [never] -> m.b']);
  });

  test('whose guards all say no is refused', () => {
    const paths = plan({
      id: 'm',
      initial: 'a',
      states: { a: { on: { '*': { guard: never, target: 'b' } } }, b: {} },
    });
    expect(paths.coverage.unreached).toEqual(['m.a: * [never] -> m.b']);
    expect(paths.coverage).toMatchObject({ covered: 1, total: 2 });
  });

  test('of a state inside keeps the event from the one around it', () => {
    const paths = plan({
      id: 'm',
      initial: 'a',
      states: {
        a: {
          initial: 'b',
          on: { GO: { guard: never, target: 'c' } },
          states: { b: { on: { '*': 'd' } }, d: {} },
        },
        c: {},
      },
    });
    expect(paths.coverage.unreached).toEqual(['m.a: GO [never] -> m.c']);
    expect(paths.edgeCoveringPaths.map(({ name }) => name)).toContain('*, GO');
  });
});
