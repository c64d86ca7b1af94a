import { stripVTControlCharacters } from 'node:util';

/**
 * The secrets of a test run: the canaries that tests make up, and the access, refresh and login tokens of Synapse,
 * which those of the test homeserver look like.
 */
const SECRETS = /(canary-(?:pw|at|rt)-)[A-Za-z0-9_-]{6,}|(sy[trl]_)[A-Za-z0-9_]{8,}/g;

/** How much of a long line is shown on each side of its first secret. */
const AROUND = 100;

export interface Leak {
  /** Counted from 1. */
  readonly line: number;
  /** The line, every secret in it cut down to its kind: `canary-at-***`. */
  readonly text: string;
}

/** The lines of an output that hold a secret. Colours don't hide one. */
export function leaksIn(output: string): Leak[] {
  return stripVTControlCharacters(output)
    .split('\n')
    .flatMap((line, index) => {
      const text = line.replace(SECRETS, '$1$2***');
      const at = line.search(SECRETS);
      return at < 0 ? [] : [{ line: index + 1, text: text.slice(Math.max(0, at - AROUND), at + AROUND) }];
    });
}
