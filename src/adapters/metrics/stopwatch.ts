import type { Metered } from './metered.ts';

type Machine = ReturnType<Metered['actor']['getSnapshot']>;

/** The top-level state. */
export function stateOf({ value }: Machine): string {
  return typeof value === 'string' ? value : (Object.keys(value)[0] ?? '');
}

export function isUsable(machine: Machine): boolean {
  return machine.status === 'active' && machine.hasTag('usable');
}

/** Measures how long the session was without a usable token, and how long it stayed in its states. */
export class Stopwatch {
  #state = '';
  #enteredAt: number;
  #withoutTokenMs = 0;
  #unusableSince: number | undefined;

  constructor(now: number) {
    this.#enteredAt = now;
  }

  /** To be told each state of the machine; says which one it left by that, and after how long. */
  take(machine: Machine, now: number): { readonly left: string; readonly afterMs: number } | undefined {
    const state = stateOf(machine);
    if (isUsable(machine) || machine.status !== 'active') {
      this.#withoutTokenMs = this.withoutTokenMs(now);
      this.#unusableSince = undefined;
    } else {
      this.#unusableSince ??= now;
    }
    if (state === this.#state) return undefined;
    const left = { left: this.#state, afterMs: Math.max(0, now - this.#enteredAt) };
    this.#state = state;
    this.#enteredAt = now;
    return left;
  }

  withoutTokenMs(now: number): number {
    return (
      this.#withoutTokenMs + (this.#unusableSince === undefined ? 0 : Math.max(0, now - this.#unusableSince))
    );
  }
}
