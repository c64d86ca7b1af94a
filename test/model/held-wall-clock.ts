import { HeldClock } from '../machines/auth/held-clock.ts';

// Stands in for src/machines/auth/clock.ts: one session is walked at a time, and its timers go off when the walk says so.
let held = new HeldClock();

/** A clock for the session that is made next. */
export function holdClock(): HeldClock {
  held = new HeldClock();
  return held;
}

export const wallClock = {
  setTimeout: (fn: (...args: unknown[]) => void, ms: number) => held.setTimeout(fn, ms),
  clearTimeout: (id: number) => held.clearTimeout(id),
};
