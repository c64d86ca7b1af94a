/** The command line asks for something that is not there, or that contradicts itself. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What the command is to look at cannot be reached, or refuses. Exit code 2. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}
