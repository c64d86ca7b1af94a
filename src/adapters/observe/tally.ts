import type { Meaning } from '../../machines/index.ts';
import type { Counters, Durations, Fact, FrameState } from './frame.ts';
import type { Happening } from './happening.ts';

/** One step of the machine, as the tally wants it. */
export interface Step {
  readonly at: number;
  readonly happening: Happening;
  readonly facts: readonly Fact[];
  readonly state: FrameState;
  readonly usable: boolean;
}

/** Counts what happens, and measures how long it takes. */
export class Tally {
  #counted = {
    refreshes: 0,
    logins: 0,
    adoptions: 0,
    rejections: 0,
    troubles: 0,
    locks: 0,
    failures: 0,
    deviceChanges: 0,
  };
  readonly #refusals: Partial<Record<Meaning, number>> = {};
  #refreshMs: number | undefined;
  #reconnectMs: number | undefined;
  #withoutTokenMs = 0;
  #state: FrameState | undefined;
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

  counters(held: number): Counters {
    return { ...this.#counted, refusals: { ...this.#refusals }, held };
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
    const counted = this.#counted;
    if (event === 'token.rejected') counted.rejections += 1;
    if (refusal !== undefined) this.#refusals[refusal.meaning] = (this.#refusals[refusal.meaning] ?? 0) + 1;
    if (outcome === 'trouble' || refusal?.meaning === 'transient') counted.troubles += 1;
    for (const fact of facts) {
      if (fact === 'refreshed') counted.refreshes += 1;
      if (fact === 'logged-in') counted.logins += 1;
      if (fact === 'adopted') counted.adoptions += 1;
      if (fact === 'locked') counted.locks += 1;
      if (fact === 'failed') counted.failures += 1;
      if (fact === 'device-changed') counted.deviceChanges += 1;
    }
  }
}
