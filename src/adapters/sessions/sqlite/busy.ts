import { setTimeout as delay } from 'node:timers/promises';
import { isBusy } from './errors.ts';

const LONGEST_MS = 25;

/**
 * Does `attempt` until no other connection is in the way. SQLite's own waiting would block the event loop, so it is
 * off, and the waiting is done here.
 * @throws whatever `attempt` throws; SQLite's "busy" once `waitAtMostMs` are over
 */
export async function whenFree<T>(attempt: () => T, waitAtMostMs: number): Promise<T> {
  const deadline = performance.now() + waitAtMostMs;
  for (let tries = 0; ; tries += 1) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error;
    }
    // Jitter, so that waiting processes do not stay in step.
    await delay(Math.min(LONGEST_MS, 2 ** tries) * (0.5 + Math.random()));
  }
}
