import { stripVTControlCharacters } from 'node:util';
import { redact, tokenIndex } from '../src/ports/redact.ts';

/** The secrets that tests make up. */
const CANARY = /(canary-(?:pw|at|rt)-)[A-Za-z0-9_-]{6,}/g;

/** How much of a long line is shown on each side of its first secret. */
const AROUND = 100;

export interface Leak {
  /** Counted from 1. */
  readonly line: number;
  /** The line, every secret in it cut down to its kind: `canary-at-***`. */
  readonly text: string;
}

/** A text, every secret in it cut down to its kind: `canary-at-***`. */
export function withoutSecrets(text: string): string {
  return redact(text.replace(CANARY, '$1***'));
}

/** The lines of an output that hold a secret. Colours don't hide one. */
export function leaksIn(output: string): Leak[] {
  return stripVTControlCharacters(output)
    .split('\n')
    .flatMap((line, index) => {
      const text = withoutSecrets(line);
      const [at = -1] = [line.search(CANARY), tokenIndex(line)]
        .filter((index) => index >= 0)
        .sort((a, b) => a - b);
      return at < 0 ? [] : [{ line: index + 1, text: text.slice(Math.max(0, at - AROUND), at + AROUND) }];
    });
}
