import type { AnyStateMachine } from 'xstate';
import { aliasesOf, shortAliasesOf } from './mermaid-ids.ts';
import { diagramOf, type DiagramState, statesIn } from './model.ts';
import { type DiagramOptions, nameOf, type View, viewOf } from './view.ts';

/** Mermaid shows nothing of a longer text, unless the page that it is in allows more. */
const MAX_CHARACTERS = 50_000;

/**
 * Writes any machine of XState 5 as a `stateDiagram-v2` of Mermaid, which GitHub, GitLab and many editors draw.
 *
 * @example
 * ```ts
 * import { authMachine } from 'matrix-auth-machine/machine';
 * import { toMermaid } from 'matrix-auth-machine/statechart';
 *
 * console.log(toMermaid(authMachine, { depth: 1, guards: false }));
 * ```
 */
export function toMermaid(machine: AnyStateMachine, options: DiagramOptions = {}): string {
  const view = viewOf(diagramOf(machine), options);
  const text = written(view, aliasesOf(view.root));
  return text.length <= MAX_CHARACTERS ? text : written(view, shortAliasesOf(view.root));
}

function written({ root, arrows, captions }: View, idOf: (id: string) => string): string {
  const lines = ['stateDiagram-v2'];
  const say = (level: number, line: string) => lines.push(`${'  '.repeat(level)}${line}`);
  const notes = new Map([...captions].filter(([id]) => id !== root.id));

  const inside = (state: DiagramState, level: number) => {
    if (state.initial !== undefined) say(level, `[*] --> ${idOf(state.initial)}`);
    state.states.forEach((child, index) => {
      if (state.type === 'parallel' && index > 0) say(level, '--');
      box(child, level);
    });
  };
  const box = (state: DiagramState, level: number) => {
    const id = idOf(state.id);
    const head = `state "${escaped(nameOf(state))}" as ${id}`;
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

  // Mermaid divides the inside of a state into regions, but not a diagram: mermaid-js/mermaid#3733.
  if (root.type === 'parallel' && root.states.length > 0) box(root, 1);
  else inside(root, 1);
  for (const { from, to, labels } of arrows) {
    // Mermaid cannot draw an arrow from a state to one around it.
    if (from.id !== to.id && statesIn(to).some(({ id }) => id === from.id)) {
      notes.set(from.id, [...(notes.get(from.id) ?? []), ...labels.map((label) => `${label} → ${to.name}`)]);
    } else {
      say(1, `${idOf(from.id)} --> ${idOf(to.id)} : ${labels.map(escaped).join('<br/>')}`);
    }
  }
  for (const [id, texts] of notes)
    say(1, `note right of ${idOf(id)} : ${texts.map(escapedInNote).join('<br/>')}`);
  const everywhere = captions.get(root.id);
  const [first] = root.states;
  if (everywhere !== undefined && first !== undefined) {
    const beside = root.type === 'parallel' ? root.id : (root.initial ?? first.id);
    say(
      1,
      `note left of ${idOf(beside)} : from any state<br/>${everywhere.map(escapedInNote).join('<br/>')}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** What means something to Mermaid, or to the Markdown in its labels. */
const special = /[#;:"<>{}&%\\`$*]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g;

/** The text with a character code for each character that means something else. */
function escaped(text: string): string {
  return text.replace(/\s+/g, ' ').replace(special, (character) => `#${character.codePointAt(0)};`);
}

/** In a note, Mermaid reads Markdown only after it has put the characters in; there a backslash keeps them as they are. */
function escapedInNote(text: string): string {
  return escaped(text).replace(/#(42|95);/g, '#92;$&');
}
