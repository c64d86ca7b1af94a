import { redact } from '../ports/redact.ts';

/** Longer words than this may be a token that somebody put in the wrong place. */
const LONGEST_WORD = 24;

const WORDS = /[\w~+=-]+/g;
const CONTROLS = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu;

/**
 * Free text as it may be shown: one line, no longer than `longest`, without whatever looks like a token. It is the last
 * line of defence: the texts that the package itself writes hold no secret to begin with.
 */
export function textOf(value: unknown, longest: number): string | undefined {
  if (typeof value !== 'string') return undefined;
  const line = value
    .slice(0, 4 * longest)
    .replace(CONTROLS, ' ')
    .trim();
  const shown = redact(line).replace(WORDS, (word) => (looksRandom(word) ? '…' : word));
  return shown.length > longest ? `${shown.slice(0, longest - 1)}…` : shown;
}

/** A name that the bot's author chose: only what has the form of a known kind of token is taken out of it. */
export function labelOf(value: string, longest: number): string {
  return redact(value.replace(CONTROLS, ' ').trim()).slice(0, longest);
}

/**
 * An identifier, such as a device's: one word. Of a longer one, which might be a token in the wrong place, no more than
 * its beginning is shown.
 */
export function identifierOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^[!-~]{1,255}$/.test(value)) return undefined;
  const shown = redact(value);
  return shown.length > LONGEST_WORD ? `${shown.slice(0, LONGEST_WORD / 2)}…` : shown;
}

function looksRandom(word: string): boolean {
  if (/^[A-Z_]+$/.test(word)) return false;
  return word.length > LONGEST_WORD || (word.length >= 16 && /\d/.test(word) && /[a-z]/i.test(word));
}
