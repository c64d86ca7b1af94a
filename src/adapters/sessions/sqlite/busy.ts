import { setTimeout as delay } from 'node:timers/promises';
import { isBusy } from './errors.ts';

const LONGEST_MS = 25;

/**
 * Does `attempt` until no other connection is in the way. SQLite's own waiting would block the event loop, so it is
 * off, and the waiting is done here.
 * @throws whatever `attempt` throws; SQLite's "busy" once `waitAtMostMs` are over
 */
export async function whenFree<T>(attempt: () => T | Promise<T>, waitAtMostMs: number): Promise<T> {
  const deadline = performance.now() + waitAtMostMs;
  const waits = pauses();
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error;
    }
    await delay(waits.next().value);
  }
}

/** Longer and longer, with jitter, so that waiting processes do not stay in step. */
export function* pauses(): Generator<number, never> {
  for (let ms = 1; ; ms = Math.min(LONGEST_MS, ms * 2)) yield ms * (0.5 + Math.random());
}
