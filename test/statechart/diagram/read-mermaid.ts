/** What a `stateDiagram-v2` says. That Mermaid takes it is not looked at here: `mermaid.test.ts` asks Mermaid. */
export interface MermaidText {
  /** By their ids: the id of the state that each is in, or ``. */
  readonly states: ReadonlyMap<string, string>;
  readonly begins: readonly string[];
  readonly arrows: readonly { readonly from: string; readonly to: string; readonly label: string }[];
  readonly descriptions: readonly string[];
  readonly notes: readonly string[];
  readonly divisions: number;
}

export function readMermaid(source: string): MermaidText {
  const lines = source.split('\n').map((line) => line.trim());
  const found = (pattern: RegExp) =>
    lines.flatMap((line) => {
      const match = pattern.exec(line);
      return match === null ? [] : [match.groups as Record<string, string>];
    });
  const states = new Map<string, string>();
  const open: string[] = [];
  for (const line of lines) {
    const [, id, brace] = /^state ".*" as (\w+)( \{)?$/.exec(line) ?? [];
    if (id !== undefined) states.set(id, open.at(-1) ?? '');
    if (id !== undefined && brace !== undefined) open.push(id);
    if (line === '}') open.pop();
  }
  return {
    states,
    begins: found(/^\[\*\] --> (?<to>\w+)$/).map(({ to }) => to as string),
    arrows: found(/^(?<from>\w+) --> (?<to>\w+) : (?<label>.+)$/).map(
      ({ from = '', to = '', label = '' }) => ({
        from,
        to,
        label,
      }),
    ),
    descriptions: found(/^\w+ : (?<text>.+)$/).map(({ text }) => text as string),
    notes: found(/^note (?:left|right) of \w+ : (?<text>.+)$/).map(({ text }) => text as string),
    divisions: lines.filter((line) => line === '--').length,
  };
}
