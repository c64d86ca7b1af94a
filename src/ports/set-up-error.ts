/**
 * What whoever sets a bot up has to mend, such as a variable that is missing. The message names it and is all of the
 * stack: uncaught, it ends the process with a sentence in place of a dozen lines from within this package.
 */
export class SetUpError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.stack = `${new.target.name}: ${message}`;
  }
}
