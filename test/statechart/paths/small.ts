import {
  type AnyStateMachine,
  and,
  assign,
  createMachine,
  emit,
  fromPromise,
  raise,
  setup,
  stateIn,
} from 'xstate';
import type { PathsOptions } from '../../../src/statechart/index.ts';

interface Small {
  readonly machine: AnyStateMachine;
  readonly options?: PathsOptions<AnyStateMachine>;
}

const never = () => false;
const nothing = fromPromise(async () => undefined);
const byValue = ({ value }: { readonly value?: unknown }) => JSON.stringify(value);

/** Machines of a few states, each with something that a plan has to get right. */
export const small: Readonly<Record<string, Small>> = {
  /** An event that every guard refuses, at the state itself, above it, in another region, and where it has no handler. */
  refusals: {
    machine: createMachine({
      id: 'm',
      initial: 'quiet',
      states: {
        quiet: { on: { WAKE: 'both' } },
        both: {
          type: 'parallel',
          // Taken below, so it was never refused here.
          on: { INNER: { guard: never, target: 'quiet' }, OUTER: { guard: never, target: 'quiet' } },
          states: {
            left: {
              initial: 'one',
              states: {
                one: {
                  on: {
                    INNER: 'two',
                    PUSH: [
                      { guard: never, target: 'two' },
                      { guard: never, actions: 'sigh' },
                    ],
                  },
                  // Its step is a step of this state, but not with this event.
                  always: { guard: stateIn('#pushed'), target: 'two' },
                },
                two: { on: { PULL: { guard: never, target: 'one' }, BACK: 'one' } },
              },
            },
            right: {
              initial: 'still',
              states: { still: { on: { PUSH: 'pushed' } }, pushed: { id: 'pushed', type: 'final' } },
            },
          },
        },
      },
    }),
  },

  /** Some of its states, and some of its edges, no way leads to. */
  unreachable: {
    machine: createMachine({
      id: 'm',
      initial: 'a',
      on: { REPORT: { actions: 'report' } },
      states: {
        a: { always: [{ guard: never, target: 'island' }, { target: 'b' }] },
        b: {
          on: {
            GO: [
              { guard: 'sunny', target: 'c' },
              { guard: 'rainy', target: 'island' },
            ],
          },
        },
        c: { on: { GO: { target: ['b'] } }, tags: ['end'] },
        island: { initial: 'beach', on: { SWIM: 'b' }, states: { beach: {} } },
      },
    }).provide({ guards: { sunny: () => true, rainy: never } }),
  },

  /** Services with and without ids, a delay, an event that it raises, one that it emits, final states inside and at the end. */
  services: {
    machine: setup({
      types: { context: {} as { tries: number } },
      actors: { read: nothing },
      delays: { patience: 10 },
      guards: { good: (_, { output }: { output: unknown }) => output === 'good' },
      actions: { shout: emit({ type: 'shouted' }), whisper: emit({ type: 'whispered' }) },
    }).createMachine({
      id: 'm',
      context: { tries: 0 },
      initial: 'working',
      entry: 'whisper',
      states: {
        working: {
          initial: 'reading',
          onDone: { target: 'told', actions: ['shout', 'whisper'] },
          states: {
            reading: {
              invoke: {
                src: 'read',
                onDone: [
                  {
                    guard: { type: 'good', params: ({ event }) => ({ output: event.output }) },
                    target: 'read',
                  },
                  { target: '#m.waiting', actions: assign({ tries: ({ context }) => context.tries + 1 }) },
                ],
                onError: '#m.waiting',
              },
            },
            read: { type: 'final' },
          },
        },
        waiting: { after: { patience: 'working', 1000: 'told' } },
        told: { entry: raise({ type: 'OVER' }), on: { OVER: 'over' } },
        over: { type: 'final' },
      },
    }),
    options: {
      stateKey: byValue,
      cases: [
        { name: 'broke', event: 'xstate.error.actor.0.m.working.reading', with: () => ({ error: 'no' }) },
        { name: 'good news', event: 'read done', with: () => ({ output: 'good' }) },
        {
          name: 'bad news',
          event: 'read done',
          with: ({ context }) => ({ output: 'bad', tries: context.tries }),
        },
      ],
    },
  },

  /** It goes on from where it was, in two regions. */
  history: {
    machine: createMachine({
      id: 'm',
      initial: 'on',
      states: {
        off: { on: { ON: 'on.last' } },
        on: {
          type: 'parallel',
          on: { OFF: 'off' },
          states: {
            last: { type: 'history', history: 'deep' },
            light: {
              initial: 'dim',
              states: { dim: { on: { MORE: 'bright' } }, bright: { on: { LESS: 'dim' } } },
            },
            sound: { initial: 'low', states: { low: { on: { LOUDER: 'high' } }, high: {} } },
          },
        },
      },
    }),
    options: { stateKey: byValue },
  },

  /** Several cases of one event; one is possible in one state only, some are taken for their own sake only. */
  cases: {
    machine: createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: { on: { NEXT: 'b', LEAP: 'd', HOP: 'c' } },
        b: { on: { NEXT: 'c', HOP: 'a', FALL: 'f' } },
        c: { on: { NEXT: 'd' } },
        d: { on: { NEXT: 'e', LEAP: 'a' } },
        e: { on: { AGAIN: 'a' } },
        f: { on: { NEXT: 'g', FALL: 'h' } },
        g: {},
        h: {},
      },
    }),
    options: {
      landmarks: {
        beginning: (snapshot) => snapshot.matches('a'),
        middle: (snapshot) => snapshot.matches('c'),
        'the middle too': (snapshot) => snapshot.matches('c'),
        nearby: (snapshot) => snapshot.matches('b'),
        nowhere: () => false,
      },
      ends: [() => false, (snapshot) => snapshot.matches('e'), (snapshot) => snapshot.matches('g')],
      cases: [
        { name: 'leap', event: 'LEAP', aside: true },
        { name: 'small step', event: 'NEXT', with: () => ({ length: 1 }) },
        {
          name: 'big step',
          event: 'NEXT',
          with: () => ({ length: 2 }),
          when: (snapshot) => snapshot.matches('c'),
        },
        { name: 'fall', event: 'FALL', aside: true },
        { name: 'hop', event: 'HOP', aside: true },
        { name: 'hop', event: 'HOP', when: () => false },
      ],
    },
  },

  /** Ways that others make needless, and a start that takes edges which ways take again. */
  overlapping: {
    machine: createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: { always: 'b' },
        b: { on: { X: 'c', Y: 'a', Z: 'd' } },
        c: { on: { X: 'b', Y: 'd', Z: 'a' } },
        d: { on: { X: 'e', Z: 'c' } },
        e: { on: { Y: 'a', Z: 'b', X: 'e' } },
      },
    }),
    options: { ends: [(snapshot) => snapshot.matches('e')] },
  },

  /** Each of two ways is needless where there is the other one. */
  either: {
    machine: createMachine({
      id: 'm',
      context: { by: '' },
      initial: 'a',
      states: {
        a: {
          on: {
            X: { target: 'b', actions: assign({ by: 'x' }) },
            Y: { target: 'b', actions: assign({ by: 'y' }) },
          },
        },
        b: { on: { GO: 'c', RUN: 'd' } },
        c: { always: { guard: ({ context }) => context.by === 'y', target: 'e' } },
        d: { always: { guard: ({ context }) => context.by === 'y', target: 'f' } },
        e: {},
        f: {},
      },
    }),
  },

  /** Guards that ask the time. */
  time: {
    machine: setup({
      types: { context: {} as { begun: number; cooked: number } },
      guards: {
        soft: ({ context }) => Date.now() - context.begun < 180_000,
        hard: and([
          ({ context }) => Date.now() - context.begun >= 180_000,
          ({ context }) => context.cooked > 0,
        ]),
      },
    }).createMachine({
      id: 'egg',
      context: () => ({ begun: Date.now(), cooked: 0 }),
      initial: 'raw',
      states: {
        raw: {
          on: {
            LOOK: { actions: [] },
            BOIL: { actions: assign(({ context }) => ({ cooked: Date.now() - context.begun })) },
            EAT: [
              { guard: 'hard', target: 'hard' },
              { guard: 'soft', target: 'soft' },
            ],
          },
        },
        soft: { type: 'final' },
        hard: { type: 'final' },
      },
    }),
    options: {
      stateKey: ({ value, context: { begun, cooked } }) =>
        JSON.stringify([value, Math.min(Date.now() - begun, 240_000), cooked > 0]),
      cases: [
        { name: 'looked', event: 'LOOK' },
        {
          name: 'boiled',
          event: 'BOIL',
          afterMs: 120_000,
          when: (snapshot) => Date.now() - snapshot.context.begun < 240_000,
          with: (snapshot) => ({ at: Date.now() - snapshot.context.begun }),
        },
      ],
    },
  },

  /** It is over before it began, so nothing can happen to it. */
  stillborn: {
    machine: createMachine({
      id: 'm',
      initial: 'z',
      on: { GO: { guard: never, target: '.z' } },
      states: { z: { type: 'final' } },
    }),
  },
};
