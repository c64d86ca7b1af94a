/** Pairs that people and their tools put around a value. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['‘', '’'],
];

/** Without one outer pair of quotation marks, such as `docker run --env-file` leaves around a value. */
export function unquoted(text: string): string {
  const paired = PAIRS.some(
    ([open, close]) => text.length > 1 && text.startsWith(open) && text.endsWith(close),
  );
  return paired ? text.slice(1, -1) : text;
}

/** A value that has no blanks: without those around it, a byte order mark and an outer pair of quotation marks. */
export function bare(text: string): string {
  // To `trim`, the byte order mark is a blank.
  return unquoted(text.trim()).trim();
}

/** A token as it was meant: {@link bare}, and without the `Authorization: Bearer` of a copied header. */
export function bareToken(text: string): string {
  return bare(bare(text).replace(/^(Authorization:\s*)?Bearer\s+/i, ''));
}

/**
 * Whether a value was never put in: `${NAME}`, `{{ name }}` or `<name>` of a template, or the word that JavaScript and
 * others write for nothing.
 */
export function isPlaceholder(text: string): boolean {
  return /\$\{[^}]*\}|^\$[A-Z_][A-Z0-9_]*$|\{\{.*\}\}|^<[^<>:]*>$|^(undefined|null|none|nil|\[object Object\])$/i.test(
    text,
  );
}
