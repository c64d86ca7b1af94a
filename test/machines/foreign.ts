import { and, assign, createMachine, emit, fromPromise, not, or, raise, setup, stateIn } from 'xstate';

/** Three states in a ring, with a counter that only grows. */
export const trafficLight = createMachine({
  id: 'light',
  context: { rounds: 0 },
  initial: 'green',
  states: {
    green: { after: { 30_000: 'yellow' } },
    yellow: { after: { 3_000: 'red' } },
    red: {
      after: {
        30_000: { target: 'green', actions: assign({ rounds: ({ context }) => context.rounds + 1 }) },
      },
    },
  },
});

/** Two regions that do not know of one another, and a history. */
export const player = createMachine({
  id: 'player',
  type: 'parallel',
  states: {
    playback: {
      initial: 'stopped',
      states: {
        stopped: { on: { PLAY: 'playing' } },
        playing: {
          initial: 'normal',
          states: {
            normal: { on: { FASTER: 'fast' } },
            fast: { on: { SLOWER: 'normal' } },
            last: { type: 'history' },
          },
          on: { PAUSE: 'paused', STOP: 'stopped' },
        },
        paused: { on: { PLAY: 'playing.last' } },
      },
    },
    volume: {
      initial: 'normal',
      states: { normal: { on: { MUTE: 'muted' } }, muted: { on: { UNMUTE: 'normal' } } },
    },
  },
});

/** A form that is sent to a server: services, guards of every kind, `always`, a final state inside, and words of the user’s. */
export const form = setup({
  types: {
    context: {} as { attempts: number; valid: boolean },
    events: {} as { type: 'SUBMIT'; text: string } | { type: 'CANCEL' },
  },
  actors: {
    send: fromPromise<{ ok: boolean }, { text: string }>(async () => {
      throw new Error('This is only explored, never run.');
    }),
  },
  guards: {
    tooOften: ({ context }) => context.attempts > 2,
    isLong: (_, { than }: { than: number }) => than > 0,
    accepted: (_, { output }: { output: { ok: boolean } }) => output.ok,
  },
  actions: { shout: emit({ type: 'shouted' }) },
  delays: { patience: 5_000 },
}).createMachine({
  id: 'form',
  context: { attempts: 0, valid: true },
  initial: 'editing',
  on: { CANCEL: { target: '.cancelled', actions: 'shout' } },
  states: {
    editing: {
      description: 'The "user" types: <b>, & and\nmore.',
      tags: ['open'],
      on: {
        SUBMIT: [
          { guard: and(['tooOften', { type: 'isLong', params: { than: 3 } }]), target: 'blocked' },
          { guard: ({ event }) => event.text === '', actions: raise({ type: 'CANCEL' }) },
          { target: 'sending', actions: assign({ attempts: ({ context }) => context.attempts + 1 }) },
        ],
      },
    },
    sending: {
      initial: 'waiting',
      states: {
        waiting: {
          invoke: {
            src: 'send',
            input: { text: '' },
            onDone: [
              {
                guard: { type: 'accepted', params: ({ event }) => ({ output: event.output }) },
                target: 'sent',
              },
              { target: '#form.editing' },
            ],
            onError: '#form.editing',
          },
          after: { patience: '#form.editing' },
        },
        sent: { type: 'final' },
      },
      onDone: 'checking',
    },
    checking: {
      always: [{ guard: or([not(stateIn('editing')), 'tooOften']), target: 'done' }, { target: 'editing' }],
    },
    blocked: { after: { 1_000: 'editing' } },
    cancelled: { type: 'final' },
    done: { type: 'final' },
  },
});
