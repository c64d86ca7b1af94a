import type { Counters, Durations, Fact } from './frame.ts';
import type { Happening } from './happening.ts';

/** One step of the machine, as the tally wants it. */
export interface Step {
  readonly at: number;
  readonly happening: Happening;
  readonly facts: readonly Fact[];
  /** The top-level state that it led to. */
  readonly state: string;
  readonly usable: boolean;
}

const none: Counters = {
  refreshes: 0,
  logins: 0,
  adoptions: 0,
  rejections: 0,
  refusals: {},
  troubles: 0,
  locks: 0,
  failures: 0,
  deviceChanges: 0,
  held: 0,
};

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
  /** Replaced when something is counted, never changed: moments keep what was counted until then. */
  counters: Counters = none;
  #refreshMs: number | undefined;
  #reconnectMs: number | undefined;
  #withoutTokenMs = 0;
  #state: string | undefined;
  #enteredAt: number;
  #unusableSince: number | undefined;

  constructor(at: number) {
    this.#enteredAt = at;
    this.#unusableSince = at;
  }

  take({ at, happening, facts, state, usable }: Step): void {
    this.#count(happening, facts);
    const tookMs = Math.max(0, at - this.#enteredAt);
    if (this.#state === 'refreshing' && facts.some((fact) => fact === 'refreshed' || fact === 'logged-in')) {
      this.#refreshMs = tookMs;
    }
    if (this.#state === 'reconnecting' && state === 'valid') this.#reconnectMs = tookMs;
    if (state !== this.#state) {
      this.#state = state;
      this.#enteredAt = at;
    }
    const lacksToken = !usable && state !== 'stopped';
    if (lacksToken) this.#unusableSince ??= at;
    else if (this.#unusableSince !== undefined) {
      this.#withoutTokenMs += Math.max(0, at - this.#unusableSince);
      this.#unusableSince = undefined;
    }
  }

  durations(at: number): Durations {
    const open = this.#unusableSince === undefined ? 0 : Math.max(0, at - this.#unusableSince);
    return {
      ...(this.#refreshMs === undefined ? {} : { refreshMs: this.#refreshMs }),
      ...(this.#reconnectMs === undefined ? {} : { reconnectMs: this.#reconnectMs }),
      withoutTokenMs: this.#withoutTokenMs + open,
    };
  }

  #count({ event, outcome, refusal }: Happening, facts: readonly Fact[]): void {
    for (const fact of facts) this.#add(counterOf[fact]);
    if (event === 'token.rejected') this.#add('rejections');
    if (outcome === 'trouble' || refusal?.meaning === 'transient') this.#add('troubles');
    if (refusal === undefined) return;
    const { refusals } = this.counters;
    const count = (refusals[refusal.meaning] ?? 0) + 1;
    this.counters = { ...this.counters, refusals: { ...refusals, [refusal.meaning]: count } };
  }

  #add(counter: Exclude<keyof Counters, 'refusals'> | undefined): void {
    if (counter !== undefined) this.counters = { ...this.counters, [counter]: this.counters[counter] + 1 };
  }
}
