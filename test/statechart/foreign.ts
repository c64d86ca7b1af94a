import {
  and,
  assign,
  createMachine,
  emit,
  fromCallback,
  fromPromise,
  not,
  or,
  raise,
  setup,
  stateIn,
} from 'xstate';

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

/** A machine whose words mean something to whoever draws it. */
export const awkward = createMachine({
  id: 'a "b" #1',
  initial: 'say "no"',
  states: {
    'say "no"': {
      description: 'It says\n"no" \\ <b>twice</b>\r\nand goes',
      on: {
        'half;way: 50%': '{open}',
        'a\\b': [{ guard: ({ event }) => event.type === '', target: '{open}' }],
      },
    },
    '{open}': { id: 'end', invoke: { src: 'do "it"; now', onDone: 'say "no"' } },
    'on-off': { on: { NEXT: 'on off' } },
    'on off': { on: { NEXT: 'on  off' } },
    'on  off': { on: { 'C:\\new': 'on-off' } },
  },
});

/** Of everything one: targets in several regions, services side by side, `always` in regions, regions that begin late. */
export const workshop = setup({
  actors: {
    measure: fromPromise<number>(async () => 0),
    watch: fromCallback(() => {}),
  },
  guards: {
    isDry: () => true,
    isLonger: (_, { than }: { than: number }) => than > 0,
  },
  actions: { sweep: () => {}, count: (_, { by }: { by: number }) => by },
}).createMachine({
  id: 'workshop',
  description: 'Makes tables.',
  initial: 'closed',
  on: {
    FIRE: { target: '.closed', description: 'Whatever is being made.', actions: ['sweep', () => {}] },
    AGAIN: [
      { guard: 'isDry', target: '.closed' },
      { target: '.closed', actions: { type: 'count', params: { by: 1 } } },
    ],
    EVERYTHING: { target: ['.making.wood.planks', '.making.paint.mixing'] },
    RESUME: { target: ['.making.wood.table', '.making.paint.mixing'] },
    NOTE: { actions: 'sweep' },
  },
  states: {
    resting: { after: { 1_000: 'closed' } },
    closed: {
      tags: ['quiet', 'dark'],
      on: {
        OPEN: { target: ['making.wood.planks', 'making.paint.mixing'], description: 'In the morning.' },
        FINISH: { target: ['making.wood.table', 'making.paint.drying'] },
        FRAME: { target: ['making.wood.table', 'making.paint'] },
        KNOCK: { target: 'closed', reenter: true },
      },
    },
    making: {
      type: 'parallel',
      // Means nothing here: all regions begin.
      initial: 'paint',
      description: 'Wood and paint at once.',
      invoke: [
        { id: 'measuring', src: 'measure', onDone: 'resting', onError: 'broken' },
        { id: 'watching', src: 'watch', onSnapshot: 'watched' },
      ],
      on: {
        RESET: { target: ['.wood.planks', '.paint.mixing'], reenter: true },
        SKIP: { target: ['.wood.table', '.paint.drying'] },
        HALF: { target: ['.wood.table', '.paint.mixing'] },
        REPEAT: { target: 'making', reenter: true },
      },
      onDone: 'sold',
      states: {
        wood: {
          initial: 'planks',
          invoke: { src: 'measure', onDone: '.table' },
          states: {
            table: { on: { CUT: { target: 'planks' } } },
            planks: {
              always: { guard: { type: 'isLonger', params: { than: 2 } }, target: 'table' },
              on: { GLUE: 'glued', LEAVE: '#workshop.resting' },
            },
            glued: { type: 'final' },
          },
        },
        paint: {
          initial: 'mixing',
          states: {
            mixing: { on: { STIR: 'wet' } },
            wet: { always: 'drying', on: { STIR: 'mixing', WAIT: 'last' } },
            drying: {
              always: [
                { guard: 'isDry', target: 'dry' },
                { guard: ({ event }) => event.type === 'STIR', target: 'wet' },
              ],
            },
            dry: { type: 'final' },
            last: { type: 'history', history: 'deep' },
          },
        },
      },
    },
    broken: { on: { REPAIR: 'making' } },
    watched: {},
    sold: { type: 'final' },
  },
});

/** Only regions: no state in which it begins, and transitions from one region into several. */
export const band = createMachine({
  id: 'band',
  type: 'parallel',
  on: { TUNE: { target: ['.drums.still', '.bass.still'] } },
  states: {
    drums: {
      initial: 'still',
      states: {
        still: { on: { COUNT: 'solo' } },
        solo: {
          on: {
            FINALE: { target: ['#band.drums.still', '#band.lights.left.on', '#band.lights.right.on'] },
            ENCORE: '#band',
          },
        },
      },
    },
    bass: { initial: 'still', states: { still: {}, last: { type: 'history' } } },
    lights: {
      type: 'parallel',
      states: {
        left: { initial: 'off', states: { off: {}, on: {} } },
        right: { initial: 'off', states: { off: {}, on: {} } },
      },
    },
  },
});

/** No states at all. */
export const tally = createMachine({
  id: 'tally',
  context: { count: 0 },
  on: {
    ADD: { actions: assign({ count: ({ context }) => context.count + 1 }) },
    RESTART: { target: '#tally', reenter: true },
  },
});

/** Histories of each kind: with a state to begin in, with several, and without. */
export const editor = createMachine({
  id: 'editor',
  initial: 'open',
  states: {
    open: {
      type: 'parallel',
      on: { CLOSE: 'closed' },
      states: {
        text: {
          initial: 'empty',
          states: {
            empty: { on: { TYPE: 'changed' } },
            changed: {},
            recent: { type: 'history', target: 'changed' },
          },
        },
        tools: {
          initial: 'hidden',
          states: {
            hidden: { on: { SHOW: 'shown' } },
            shown: { initial: 'pen', states: { pen: { on: { SWAP: 'brush' } }, brush: { id: 'brush' } } },
          },
        },
        all: { type: 'history', history: 'deep', target: '#brush' },
        plain: { type: 'history', history: 'deep' },
      },
    },
    closed: { on: { OPEN: 'open.all', BACK: 'open.text.recent', AGAIN: 'open.plain' } },
  },
  on: { RESTORE: '.open.all' },
});
