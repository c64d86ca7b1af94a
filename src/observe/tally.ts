import type { Counters, Durations, Fact } from './frame.ts';
import { type Happening, happeningOf, isCounted } from './happening.ts';

/** How long things took until now. Replaced when it changes, never changed. */
export interface Times {
  readonly refreshMs: number | undefined;
  readonly reconnectMs: number | undefined;
  /** How long there was no usable token, but for the time since `unusableSince`. */
  readonly withoutTokenMs: number;
  readonly unusableSince: number | undefined;
}

/** The same as it stands at this moment. */
export function durationsOf(times: Times, at: number): Durations {
  const { refreshMs, reconnectMs, withoutTokenMs, unusableSince } = times;
  const open = unusableSince === undefined ? 0 : Math.max(0, at - unusableSince);
  const durations: { -readonly [Key in keyof Durations]: Durations[Key] } = {
    withoutTokenMs: withoutTokenMs + open,
  };
  if (refreshMs !== undefined) durations.refreshMs = refreshMs;
  if (reconnectMs !== undefined) durations.reconnectMs = reconnectMs;
  return durations;
}

/** Frames show them as they are: whoever writes into a frame must not change what is counted. */
const none: Counters = Object.freeze({
  refreshes: 0,
  logins: 0,
  adoptions: 0,
  rejections: 0,
  refusals: Object.freeze({}),
  troubles: 0,
  locks: 0,
  failures: 0,
  deviceChanges: 0,
  held: 0,
});

const counterOf = {
  refreshed: 'refreshes',
  'logged-in': 'logins',
  adopted: 'adoptions',
  'device-changed': 'deviceChanges',
  locked: 'locks',
  failed: 'failures',
  warning: undefined,
} as const satisfies Record<Fact, keyof Counters | undefined>;

/** Counts what happens, and measures how long it takes. */
export class Tally {
  /** Replaced when something is counted, never changed: notes keep what was counted until then. */
  counters: Counters = none;
  times: Times;
  #state: string | undefined;
  #enteredAt: number;

  constructor(at: number) {
    this.#enteredAt = at;
    this.times = { refreshMs: undefined, reconnectMs: undefined, withoutTokenMs: 0, unusableSince: at };
  }

  /** One step of the machine, into the top-level state `state`. */
  take(at: number, event: unknown, facts: readonly Fact[], state: string, usable: boolean): void {
    if (isCounted(event)) this.#count(happeningOf(event));
    const before = this.#state;
    const tookMs = Math.max(0, at - this.#enteredAt);
    for (const fact of facts) {
      this.#add(counterOf[fact]);
      if (before === 'refreshing' && (fact === 'refreshed' || fact === 'logged-in')) {
        this.times = { ...this.times, refreshMs: tookMs };
      }
    }
    if (state !== before) {
      if (before === 'reconnecting' && state === 'valid') this.times = { ...this.times, reconnectMs: tookMs };
      this.#state = state;
      this.#enteredAt = at;
    }
    const lacksToken = !usable && state !== 'stopped';
    const { unusableSince, withoutTokenMs } = this.times;
    if (lacksToken === (unusableSince !== undefined)) return;
    this.times =
      unusableSince === undefined
        ? { ...this.times, unusableSince: at }
        : {
            ...this.times,
            unusableSince: undefined,
            withoutTokenMs: withoutTokenMs + Math.max(0, at - unusableSince),
          };
  }

  #count({ event, outcome, refusal }: Happening): void {
    if (event === 'token.rejected') this.#add('rejections');
    if (outcome === 'trouble' || refusal?.meaning === 'transient') this.#add('troubles');
    if (refusal === undefined) return;
    const { refusals } = this.counters;
    const count = (refusals[refusal.meaning] ?? 0) + 1;
    this.counters = Object.freeze({
      ...this.counters,
      refusals: Object.freeze({ ...refusals, [refusal.meaning]: count }),
    });
  }

  #add(counter: Exclude<keyof Counters, 'refusals'> | undefined): void {
    if (counter === undefined) return;
    this.counters = Object.freeze({ ...this.counters, [counter]: this.counters[counter] + 1 });
  }
}
