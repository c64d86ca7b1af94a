/** Where a watcher prints. */
export interface Output {
  readonly json: boolean;
  /** A transition. */
  readonly line: (text: string) => void;
  /** What is not a transition: the connection, say. */
  readonly note: (text: string) => void;
  /** Aborted when the command is interrupted. */
  readonly signal: AbortSignal;
}
