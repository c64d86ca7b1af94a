/** A mutant that lives, because it does what the code does. */
export interface Explained {
  readonly file: string;
  /** The code in question, as it stands, and what stands there in the mutant. */
  readonly code: string;
  readonly mutant: string;
  readonly because: string;
}

export const explained: readonly Explained[] = [];
