import type { Gate, HeldTime } from '../adapters/fetch/index.ts';
import { meaningOf, type Rejection } from '../machines/auth/index.ts';
import { rejectionOfError } from './matrix-errors.ts';

export interface RetryingOptions {
  /** Open while the client is live. */
  readonly gate: Gate;
  readonly generation: () => number;
  readonly onRejected: (generation: number, rejection: Rejection) => void;
  /** Ends the wait. Work that has begun is not interrupted by it, and not run again after it. */
  readonly signal?: AbortSignal | undefined;
  /** Gives the client its token once more. */
  readonly restoreToken: () => Promise<void>;
}

/** How often a piece of work is run at the most: it may meet a second expiry while it waits for its turn. */
const MAX_RUNS = 3;

/** Runs `work`, and runs it again from its start when it failed for its token and there is a new one. */
export async function runRetrying<T>(work: () => T | Promise<T>, options: RetryingOptions): Promise<T> {
  const { gate, signal } = options;
  const held: HeldTime = { ms: 0 };
  for (let run = 1; ; run += 1) {
    await gate.pass(signal, held);
    const generation = options.generation();
    try {
      return await work();
    } catch (error) {
      const rejection = rejectionOfError(error);
      const meaning = rejection && meaningOf(rejection);
      if (rejection === undefined || run === MAX_RUNS || signal?.aborted === true) throw error;
      if (meaning === 'token-missing' && run === 1) {
        await gate.pass(signal, held);
        await options.restoreToken();
      } else if (meaning === 'token-dead' || meaning === 'locked') {
        options.onRejected(generation, rejection);
        // The session has failed: whoever was refused gets the refusal itself.
        if (gate.state === 'failed') throw error;
      } else throw error;
    }
  }
}
