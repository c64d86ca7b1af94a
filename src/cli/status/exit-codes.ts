/** What `status` ends with. 2 is that of every {@link UsageError} and {@link UnreachableError}. */
export const SIGNED_IN = 0;
export const NEEDS_PERSON = 1;
/** Not signed in now; nobody has to do anything. */
export const NOT_NOW = 3;

export const exitCodesText = `
Exit codes:
  0  signed in: every bot has a usable token
  1  a bot is not, and needs a person
  2  not reachable, refused, or a command line that cannot be carried out
  3  a bot is not signed in at the moment, and is at work on it, or is stopped
`;
