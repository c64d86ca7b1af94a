import type { AnyStateMachine } from 'xstate';
import { diagramOf, type DiagramState } from './model.ts';
import { type DiagramOptions, viewOf } from './view.ts';

/** Any machine of XState 5 as a `stateDiagram-v2` of Mermaid, which GitHub, GitLab and many editors draw. */
export function toMermaid(machine: AnyStateMachine, options: DiagramOptions = {}): string {
  const { root, arrows, captions } = viewOf(diagramOf(machine), options);
  const idOf = aliases(root);
  const lines = ['stateDiagram-v2'];
  const say = (level: number, line: string) => lines.push(`${'  '.repeat(level)}${line}`);

  const inside = (state: DiagramState, level: number) => {
    if (state.initial !== undefined) say(level, `[*] --> ${idOf(state.initial)}`);
    state.states.forEach((child, index) => {
      if (state.type === 'parallel' && index > 0) say(level, '--');
      box(child, level);
    });
  };
  const box = (state: DiagramState, level: number) => {
    const id = idOf(state.id);
    const head = `state "${escaped(state.name)}" as ${id}`;
    if (state.states.length === 0) {
      say(level, head);
      for (const service of state.invokes) say(level, `${id} : do / ${escaped(service)}`);
      if (state.type === 'final') say(level, `${id} --> [*]`);
      return;
    }
    say(level, `${head} {`);
    inside(state, level + 1);
    say(level, '}');
  };

  inside(root, 1);
  for (const { from, to, labels } of arrows) {
    say(1, `${idOf(from.id)} --> ${idOf(to.id)} : ${labels.map(escaped).join('<br/>')}`);
  }
  for (const [id, texts] of captions) {
    if (id !== root.id) say(1, `note right of ${idOf(id)} : ${texts.map(escaped).join('<br/>')}`);
  }
  const everywhere = captions.get(root.id);
  const [first] = root.states;
  if (everywhere !== undefined && first !== undefined) {
    say(
      1,
      `note left of ${idOf(root.initial ?? first.id)} : from any state<br/>${everywhere.map(escaped).join('<br/>')}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Mermaid's ids have no dots or spaces: `auth_refreshing`. Two that would be the same are numbered. */
function aliases(root: DiagramState): (id: string) => string {
  const given = new Map<string, string>();
  const name = (state: DiagramState) => {
    const words = state.id.replace(/[^A-Za-z0-9]+/g, '_');
    // A single word could be one of Mermaid's own: `note`, `end`, `direction`.
    const plain = words.includes('_') ? words : `s_${words}`;
    const taken = new Set(given.values());
    let alias = plain;
    for (let count = 2; taken.has(alias); count += 1) alias = `${plain}_${count}`;
    given.set(state.id, alias);
    state.states.forEach(name);
  };
  name(root);
  return (id) => given.get(id) ?? id;
}

/** What means something to Mermaid goes in as a character code. */
function escaped(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[#;:"<>{}&%\\]/g, (character) => `#${character.codePointAt(0)};`);
}
