/** What `doctor` ends with. 2 is also that of every {@link UsageError} and {@link UnreachableError}. */
export const LASTS = 0;
export const ATTENTION = 1;
export const CANNOT_TELL = 2;

export const exitCodesText = `
Exit codes:
  0  this set-up will last
  1  it will not, or somebody has to do something
  2  it cannot be told now, or a command line that cannot be carried out
`;
