/** The command line asks for something that is not there, or that contradicts itself. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What the command is to look at cannot be reached, or refuses. Exit code 2. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** What was asked for was refused, and a person has to do something. Exit code 1. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** It will be taken again, once somebody else has done something. What is stored is left as it is. */
export class LockedError extends RefusedError {}

/** Ctrl-C. Exit code 130, as of a program that the signal ended. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';

  constructor() {
    super('Interrupted.');
  }
}
