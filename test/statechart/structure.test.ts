import { and, createMachine, fromCallback, fromPromise, not, or, setup, stateIn } from 'xstate';
import { expect, test } from 'vitest';
import { statesOf, type Transition, transitionsOf } from '../../src/statechart/structure.ts';

const nothing = fromPromise(async () => undefined);

const briefly = ({ kind, event, guard, targets }: Transition) =>
  [kind, event, ...(guard === undefined ? [] : [`[${guard}]`]), ...targets].join(' | ');

test('the transitions of a machine stand in the order of its definition, with stable ids', () => {
  const machine = createMachine({
    id: 'm',
    initial: 'a',
    on: { HALT: '.z' },
    states: {
      a: {
        on: { GO: [{ guard: 'ready', target: 'b', description: 'at last' }, { actions: 'wait' }] },
        always: [
          { guard: 'done', target: 'z' },
          { guard: 'lost', target: 'b' },
        ],
      },
      b: { initial: 'c', onDone: 'z', states: { c: { on: { END: 'd' } }, d: { type: 'final' } } },
      z: {},
    },
  });
  const transitions = transitionsOf(machine);
  expect(transitions.map(({ id, source, eventType, index }) => [id, source, eventType, index])).toEqual([
    ['m HALT 0', 'm', 'HALT', 0],
    ['m.a always 0', 'm.a', '', 0],
    ['m.a always 1', 'm.a', '', 1],
    ['m.a GO 0', 'm.a', 'GO', 0],
    ['m.a GO 1', 'm.a', 'GO', 1],
    ['m.b xstate.done.state.m.b 0', 'm.b', 'xstate.done.state.m.b', 0],
    ['m.b.c END 0', 'm.b.c', 'END', 0],
  ]);
  expect(transitions.map(briefly)).toEqual([
    'event | HALT | m.z',
    'always | always | [done] | m.z',
    'always | always | [lost] | m.b',
    'event | GO | [ready] | m.b',
    'event | GO',
    'state-done | done | m.z',
    'event | END | m.b.d',
  ]);
  expect(transitions.filter((each) => 'guard' in each)).toHaveLength(3);
  expect(transitions.flatMap((each) => ('description' in each ? [each.description] : []))).toEqual([
    'at last',
  ]);
  expect(transitions[3]?.definition).toBe(machine.states['a']?.transitions.get('GO')?.[0]);
  expect(statesOf(machine).map(({ id }) => id)).toEqual(['m.a', 'm.b', 'm.b.c', 'm.b.d', 'm.z']);
});

test('events of XState are called as a reader would', () => {
  const machine = setup({
    actors: { read: nothing, count: fromCallback(() => undefined) },
    delays: { patience: 10, '5minutes': 300_000, take5: 5 },
  }).createMachine({
    id: 'm',
    initial: 'a',
    states: {
      a: {
        invoke: [
          { src: 'read', onDone: 'b', onError: 'b' },
          { src: nothing, onDone: 'b' },
          { id: 'mine', src: 'count', onSnapshot: 'b' },
          // Not made up, though it looks like it.
          { id: '1.mine', src: 'read', onDone: 'b' },
          { id: '2.m.a', src: 'read', onDone: 'b' },
        ],
        after: { 3000: 'b', patience: 'b', '5minutes': 'b', take5: 'b' },
        on: {
          'xstate.done.actor.stranger': 'b',
          'xstate.done.state.m.b': 'b',
        },
      },
      b: {},
    },
  });
  expect(transitionsOf(machine).map(briefly)).toEqual([
    'done | stranger done | m.b',
    'event | xstate.done.state.m.b | m.b',
    'done | read done | m.b',
    'error | read error | m.b',
    'done | service done | m.b',
    'snapshot | mine changed | m.b',
    'done | 1.mine done | m.b',
    'done | 2.m.a done | m.b',
    'after | after 3000 ms | m.b',
    'after | after patience | m.b',
    'after | after 5minutes | m.b',
    'after | after take5 | m.b',
  ]);
});

test('guards are written as a reader would', () => {
  // Made elsewhere, so that they get no name from where they stand.
  const nameless = [() => true][0] as () => boolean;
  const guards: readonly (readonly [unknown, words: string])[] = [
    ['ready', 'ready'],
    [nameless, 'a condition'],
    [
      function longEnough() {
        return true;
      },
      'longEnough',
    ],
    [not('ready'), 'not ready'],
    [and(['ready', not('busy'), or(['a', 'b'])]), 'ready and not busy and a or b'],
    [stateIn('#m.b'), 'in #m.b'],
    [stateIn({ a: 'x' }), 'in a.x'],
    [stateIn({ a: {}, b: { c: 'x', d: {} } }), 'in a and b.c.x and d'],
    [{ type: 'ready' }, 'ready'],
    [
      { type: 'isLong', params: { than: 3, where: 'here', strictly: false, list: [1], no: undefined } },
      'isLong 3 here false',
    ],
    [{ type: 'isLong', params: 'abc' }, 'isLong abc'],
    [{ type: 'isLong', params: null }, 'isLong'],
    [{ type: 'is', params: ({ event }: { event: { of?: string } }) => ({ of: event.of, is: 'x' }) }, 'is x'],
    [{ type: 'is', params: ({ context }: { context: { of?: string } }) => [context.of, 7] }, 'is 7'],
    [{ type: 'is', params: ({ event }: { event: { of: object } }) => Object.keys(event.of) }, 'is'],
    [{ type: 'is', params: () => 'x' }, 'is x'],
    [{ type: 'is', params: () => undefined }, 'is'],
  ];
  const machine = createMachine({
    id: 'm',
    on: { GO: guards.map(([guard]) => ({ guard: guard as never, actions: 'act' })) },
  });
  expect(transitionsOf(machine).map(({ guard }) => guard)).toEqual(guards.map(([, words]) => words));
});

test('a guard that stands inline is a condition', () => {
  const machine = createMachine({ on: { GO: { guard: () => true, actions: 'act' } } });
  expect(transitionsOf(machine).map(({ guard }) => guard)).toEqual(['a condition']);
});
