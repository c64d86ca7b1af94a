/** What the command is to look at cannot be reached, or refuses. The message says why, and what to do. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}
