import type { AnyStateMachine } from 'xstate';
import { diagramOf, type DiagramState } from './model.ts';
import { type Colours, type DiagramTheme, themes } from './themes.ts';
import { type Arrow, type DiagramOptions, nameOf, type View, viewOf } from './view.ts';

export interface DotOptions extends DiagramOptions {
  /** Default `light`. The background is transparent in both. */
  readonly theme?: DiagramTheme;
  /** Which way the machine goes: down the page or across it. Default `down`. */
  readonly direction?: 'down' | 'across';
}

/** Graphviz knows how wide this one is, and every machine has it or one that is about as wide. */
const font = 'Arial';

/**
 * Any machine of XState 5 as a graph for Graphviz. Each state keeps its id in the drawing (`state:auth.valid`), as does
 * each arrow (`arrow:auth.valid>auth.locked`), so that a page can light them.
 */
export function toDot(machine: AnyStateMachine, options: DotOptions = {}): string {
  const { theme = 'light', direction = 'down' } = options;
  const view = viewOf(diagramOf(machine), options);
  const colours = themes[theme];
  const { root, captions } = view;
  const everywhere = captions.get(root.id) ?? [];
  const lines = [
    `digraph ${quoted(root.id)} {`,
    `  graph ${attributes({
      id: `machine:${root.id}`,
      compound: 'true',
      ...(direction === 'down' ? { rankdir: 'TB', newrank: 'true' } : { rankdir: 'LR' }),
      bgcolor: 'transparent',
      fontname: font,
      fontsize: '11',
      fontcolor: colours.faint,
      nodesep: '0.35',
      ranksep: '0.55',
      ...(everywhere.length === 0
        ? {}
        : { label: ['From any state:', ...everywhere], labelloc: 'b', labeljust: 'l' }),
    })}`,
    `  node ${attributes({ fontname: font, fontsize: '12', fontcolor: colours.text, color: colours.border, fillcolor: colours.box, shape: 'box', style: 'rounded,filled', margin: '0.18,0.07', height: '0.36' })}`,
    `  edge ${attributes({ fontname: font, fontsize: '10', fontcolor: colours.faint, color: colours.line, arrowsize: '0.7' })}`,
    ...inside(root, view, colours, 1),
    ...view.arrows.map((arrow) => `  ${arrowOf(arrow, colours)}`),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

function inside(state: DiagramState, view: View, colours: Colours, level: number): string[] {
  const pad = '  '.repeat(level);
  const initial = state.states.find(({ id }) => id === state.initial);
  const start = initial === undefined ? [] : beginning(state, initial, colours);
  return [
    ...start.map((line) => pad + line),
    ...state.states.flatMap((child) =>
      child.states.length === 0
        ? [pad + leaf(child, view, colours)]
        : group(child, state, view, colours, level),
    ),
  ];
}

function leaf(state: DiagramState, view: View, colours: Colours): string {
  const { id, name, type, invokes, description, tags } = state;
  return `${quoted(id)} ${attributes({
    id: `state:${id}`,
    class: ['state', type, ...tags].join(' '),
    label: textsOf(state, view).join('\n'),
    ...(type === 'final' ? { peripheries: '2' } : {}),
    ...(type === 'history' ? { shape: 'circle', margin: '0', width: '0.36' } : {}),
    tooltip: description ?? name,
    ...(invokes.length === 0 ? {} : { color: colours.arrows.done }),
  })}`;
}

function group(
  state: DiagramState,
  parent: DiagramState,
  view: View,
  colours: Colours,
  level: number,
): string[] {
  const pad = '  '.repeat(level);
  const { id, name, type, description, tags } = state;
  const isRegion = parent.type === 'parallel';
  return [
    `${pad}subgraph ${quoted(`cluster ${id}`)} {`,
    `${pad}  graph ${attributes({
      id: `state:${id}`,
      class: ['state', type, ...tags].join(' '),
      label: textsOf(state, view),
      labelloc: 't',
      labeljust: 'l',
      style: isRegion ? 'rounded,filled,dashed' : 'rounded,filled',
      fontsize: '12',
      fontcolor: colours.text,
      color: colours.border,
      fillcolor: isRegion ? colours.region : colours.group,
      margin: '12',
      tooltip: description ?? name,
    })}`,
    ...inside(state, view, colours, level + 1),
    `${pad}}`,
  ];
}

/** What a box says: the state's name, its services and its captions. */
function textsOf(state: DiagramState, { captions }: View): string[] {
  const { id, invokes } = state;
  return [nameOf(state), ...invokes.map((service) => `do / ${service}`), ...(captions.get(id) ?? [])];
}

/** The dot from which an arrow leads to the state that another begins in. */
function beginning({ id }: DiagramState, initial: DiagramState, colours: Colours): string[] {
  const dot = quoted(`${id} begins`);
  return [
    `${dot} ${attributes({ id: `initial:${id}`, class: 'initial', shape: 'point', width: '0.1', height: '0.1', label: '', style: 'filled', color: colours.line, fillcolor: colours.line, tooltip: 'begins here' })}`,
    `${dot} -> ${endOf(initial)} ${attributes({ ...borderOf('lhead', initial), class: 'initial', color: colours.line })}`,
  ];
}

function arrowOf({ from, to, labels, kind }: Arrow, colours: Colours): string {
  const colour = kind === undefined || kind === 'history' ? colours.line : colours.arrows[kind];
  return `${endOf(from)} -> ${endOf(to)} ${attributes({
    id: `arrow:${from.id}>${to.id}`,
    class: `transition ${kind ?? 'several'}`,
    label: labels.map((label) => `  ${label}  `).join('\n'),
    color: colour,
    fontcolor: colour,
    ...(kind === 'after' ? { style: 'dashed' } : {}),
    ...borderOf('ltail', from),
    ...borderOf('lhead', to),
  })}`;
}

/** Graphviz draws from node to node; what should end at the border of a group ends at a node in it, and is cut off there. */
function endOf({ id, initial, states }: DiagramState): string {
  const inner = states.find((child) => child.id === initial) ?? states[0];
  return inner === undefined ? quoted(id) : endOf(inner);
}

function borderOf(attribute: 'lhead' | 'ltail', { id, states }: DiagramState): Record<string, string> {
  return states.length === 0 ? {} : { [attribute]: `cluster ${id}` };
}

/** A list is a text of several lines that begin at the same place. */
function attributes(values: Readonly<Record<string, string | readonly string[]>>): string {
  const texts = Object.entries(values).map(([name, value]) => {
    const text =
      typeof value === 'string' ? escaped(value) : value.map((line) => `${escaped(line)}\\l`).join('');
    return `${name}="${text}"`;
  });
  return `[${texts.join(' ')}]`;
}

function quoted(id: string): string {
  return `"${escaped(id)}"`;
}

/** A line break stays one; what Graphviz would take for an escape is none. */
function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\r?\n/g, '\\n');
}
