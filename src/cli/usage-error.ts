/** The command line asks for something that is not there, or that contradicts itself. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
