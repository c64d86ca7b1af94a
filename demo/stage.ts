/** Where a performance is seen, and how it is ended early. */
export interface Stage {
  readonly print: (line: string) => void;
  readonly interrupted: AbortSignal;
  /** Interrupts; the second time the process ends at once. */
  readonly interrupt: () => undefined;
}
