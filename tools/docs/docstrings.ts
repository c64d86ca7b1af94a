import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';

/** What the comment above each of several declarations in a source file says, by the declaration's name. */
export interface Docstring {
  readonly name: string;
  /** On one line, in Markdown. */
  readonly text: string;
  /** The code that follows the comment, up to the end of its line. */
  readonly code: string;
}

/**
 * The declarations between two pieces of code of a source file that `pattern` finds, each with the comment above it.
 * @param pattern its first group is the name
 */
export function docstringsIn(path: string, from: string, to: string, pattern: RegExp): Docstring[] {
  const source = readFileSync(join(root, path), 'utf8');
  const start = source.indexOf(from);
  const end = source.indexOf(to, start);
  if (start < 0 || end < 0) throw new Error(`${path} no longer has what is between "${from}" and "${to}".`);
  const found: Docstring[] = [];
  let comment = '';
  for (const line of source.slice(start, end).matchAll(/\s*\/\*\*([\s\S]*?)\*\/|[^\n]+/g)) {
    if (line[1] !== undefined) {
      comment = line[1];
      continue;
    }
    const name = pattern.exec(line[0])?.[1];
    if (name !== undefined) {
      found.push({ name, text: inMarkdown(comment), code: line[0].trim() });
      comment = '';
    }
  }
  return found;
}

function inMarkdown(comment: string): string {
  return comment
    .replace(/^\s*\* ?/gm, '')
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim();
}
