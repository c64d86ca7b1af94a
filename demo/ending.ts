import type { MatrixAuth } from '../src/index.ts';

/** The end of a performance, whatever brings it about. */
export interface Ending {
  /** Resolves at the end. */
  readonly reached: Promise<void>;
  /** The performance is complete. */
  complete(): void;
}

/** The end comes when it is complete, when somebody interrupts it, or when one of the sessions has failed. */
export function endingOf(
  interrupted: AbortSignal,
  sessions: readonly Pick<MatrixAuth<unknown>, 'on'>[],
): Ending {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const session of sessions) session.on('failed', () => resolve());
  interrupted.addEventListener('abort', () => resolve());
  if (interrupted.aborted) resolve();
  return { reached: promise, complete: resolve };
}
