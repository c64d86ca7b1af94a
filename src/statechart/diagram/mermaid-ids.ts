import { type DiagramState, statesIn } from './model.ts';

/** Readable ids for Mermaid, which takes neither dots nor blanks: `auth_refreshing`. Two that would be the same are numbered. */
export function aliasesOf(root: DiagramState): (id: string) => string {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  for (const { id } of statesIn(root)) {
    const plain = plainOf(id);
    let alias = plain;
    for (let count = 2; taken.has(alias); count += 1) alias = `${plain}_${count}`;
    taken.add(alias);
    given.set(id, alias);
  }
  return (id) => given.get(id) as string;
}

/** The shortest ids there are, for a large machine. */
export function shortAliasesOf(root: DiagramState): (id: string) => string {
  const given = new Map(statesIn(root).map(({ id }, index) => [id, `s${index}`]));
  return (id) => given.get(id) as string;
}

function plainOf(id: string): string {
  const words = id.replace(/[^A-Za-z0-9]+/g, '_');
  // A single word could be one of Mermaid's own: `note`, `end`, `direction`.
  if (!words.includes('_')) return `s_${words}`;
  // The points where `auth` begins and ends are `auth_start` and `auth_end` to Mermaid.
  return /_(start|end)$/.test(words) ? `${words}_` : words;
}
