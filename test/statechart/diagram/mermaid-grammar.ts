/** What this package writes of Mermaid's `stateDiagram-v2`, line by line, as its grammar has it: no more is accepted. */
const id = String.raw`[A-Za-z0-9_]+`;
// After a colon, Mermaid takes all but these; character codes (`#59;`) are taken out before it looks.
const text = String.raw`(?:[^:;#{}"%\n]|#\d+;)+`;
const forms = {
  begins: new RegExp(`^\\[\\*\\] --> (?<to>${id})$`),
  ends: new RegExp(`^(?<from>${id}) --> \\[\\*\\]$`),
  opens: new RegExp(`^state "(?<name>${text})" as (?<id>${id}) \\{$`),
  state: new RegExp(`^state "(?<name>${text})" as (?<id>${id})$`),
  closes: /^\}$/,
  divides: /^--$/,
  describes: new RegExp(`^(?<of>${id}) : (?<text>${text})$`),
  arrow: new RegExp(`^(?<from>${id}) --> (?<to>${id}) : (?<label>${text})$`),
  note: new RegExp(`^note (?:left|right) of (?<of>${id}) : (?<text>${text})$`),
};

export interface ParsedMermaid {
  /** By their ids: the id of the state that each is in, or ``. */
  readonly states: ReadonlyMap<string, string>;
  readonly begins: readonly string[];
  readonly arrows: readonly { readonly from: string; readonly to: string; readonly label: string }[];
  readonly descriptions: readonly string[];
  readonly notes: readonly string[];
  readonly divisions: number;
}

/** @throws {Error} naming the line that is no Mermaid, or the id that no state has */
export function parseMermaid(source: string): ParsedMermaid {
  const [first, ...lines] = source.trimEnd().split('\n');
  if (first !== 'stateDiagram-v2') throw new Error(`It begins with "${first}".`);
  const states = new Map<string, string>();
  const begins: string[] = [];
  const arrows: { from: string; to: string; label: string }[] = [];
  const descriptions: string[] = [];
  const notes: string[] = [];
  const open: string[] = [];
  const named: string[] = [];
  let divisions = 0;

  for (const line of lines.map((each) => each.trim())) {
    const [form, found] =
      Object.entries(forms)
        .map(([name, pattern]) => [name, pattern.exec(line)] as const)
        .find(([, match]) => match !== null) ?? [];
    const { id: own = '', from = '', to = '', of = '', label = '', text: words = '' } = found?.groups ?? {};
    switch (form) {
      case 'state':
      case 'opens':
        if (states.has(own)) throw new Error(`Two states are called ${own}.`);
        states.set(own, open.at(-1) ?? '');
        if (form === 'opens') open.push(own);
        break;
      case 'closes':
        if (open.pop() === undefined) throw new Error('A brace closes nothing.');
        break;
      case 'divides':
        divisions += 1;
        break;
      case 'begins':
        begins.push(to);
        break;
      case 'arrow':
        arrows.push({ from, to, label });
        break;
      case 'describes':
        descriptions.push(words);
        break;
      case 'note':
        notes.push(words);
        break;
      case 'ends':
        break;
      case undefined:
      default:
        throw new Error(`This is no line of a state diagram: ${line}`);
    }
    named.push(...[from, to, of].filter((each) => each !== ''));
  }
  if (open.length > 0) throw new Error(`Nothing closes ${open.join()}.`);
  for (const each of named) if (!states.has(each)) throw new Error(`No state is called ${each}.`);
  return { states, begins, arrows, descriptions, notes, divisions };
}
