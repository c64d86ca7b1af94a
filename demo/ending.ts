/** The end of a performance, whatever brings it about. */
export interface Ending {
  /** Resolves at the end. */
  readonly reached: Promise<void>;
  /** The performance is complete. */
  complete(): void;
}

/** The end comes when it is complete, or when somebody interrupts it. */
export function endingOf(interrupted: AbortSignal): Ending {
  const { promise, resolve } = Promise.withResolvers<void>();
  interrupted.addEventListener('abort', () => resolve());
  if (interrupted.aborted) resolve();
  return { reached: promise, complete: resolve };
}
