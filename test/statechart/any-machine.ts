import fc from 'fast-check';
import { type AnyStateMachine, createMachine } from 'xstate';

/** Words that mean something to somebody who draws, and scripts that are not Latin. */
const words = fc.oneof(
  fc.constantFrom(
    ...[
      'start',
      'end',
      'note',
      'state',
      'direction',
      'root',
      'class',
      'default',
      'style',
      'click',
      'H',
      'TB',
    ],
    ...[
      'a.b',
      'a b',
      ' ',
      '.',
      '-',
      '--',
      '-->',
      '[*]',
      '<<fork>>',
      '{',
      '}',
      '"',
      "'",
      '`',
      '#',
      '%%',
      ':',
      ';',
    ],
    ...[
      'say "no"',
      '[ready]',
      '(a)',
      '<b>bold</b>',
      '&amp;',
      '#59;',
      'C:\\new',
      'a\nb',
      '$x$',
      ':::red',
      '*',
      'x.*',
    ],
    ...[
      'état',
      '状態',
      'حالة',
      '🤖',
      'Ω',
      '__proto__',
      'constructor',
      'graph',
      'subgraph',
      'end note',
      '1',
      '01',
    ],
  ),
  fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
  fc.string({ minLength: 1, maxLength: 4, unit: 'grapheme-ascii' }),
);

const drawnState = fc.record({
  key: words,
  ownId: fc.boolean(),
  parent: fc.nat(),
  /** Of a state with others inside: whether they are regions. */
  parallel: fc.boolean(),
  /** Of a state with none inside. */
  leaf: fc.constantFrom('atomic', 'atomic', 'atomic', 'final', 'shallow', 'deep'),
  historyDefault: fc.option(fc.nat()),
  service: fc.option(words, { freq: 6 }),
  description: fc.option(words, { freq: 6 }),
});

const drawnArrow = fc.record({
  from: fc.nat(),
  to: fc.array(fc.nat(), { minLength: 1, maxLength: 2 }),
  event: words,
  kind: fc.constantFrom('event', 'event', 'event', 'after', 'always', 'done'),
  guard: fc.option(words, { freq: 3 }),
  reenter: fc.boolean(),
});

interface Node {
  readonly key: string;
  readonly keys: readonly string[];
  /** How a target names it. */
  readonly path: readonly string[];
  readonly parent: Node | undefined;
  readonly children: Node[];
  readonly config: Record<string, unknown>;
}

const within = (node: Node, outer: Node): boolean =>
  node === outer || (node.parent !== undefined && within(node.parent, outer));

function commonOf(a: Node, b: Node): Node {
  return within(b, a) || a.parent === undefined ? a : commonOf(a.parent, b);
}

/** A machine of XState: regions, histories, ends, arrows from anywhere to anywhere, and any words. */
export function anyMachine({
  maxStates = 14,
  minArrows = 0,
  maxArrows = 20,
} = {}): fc.Arbitrary<AnyStateMachine> {
  return fc
    .record({
      id: words,
      parallel: fc.boolean(),
      states: fc.array(drawnState, { minLength: 1, maxLength: maxStates }),
      arrows: fc.array(drawnArrow, { minLength: minArrows, maxLength: maxArrows }),
    })
    .map(({ id, parallel, states, arrows }) => {
      const root: Node = { key: id, keys: [id], path: [id], parent: undefined, children: [], config: { id } };
      const nodes: Node[] = [root];
      const ids = new Set([id]);
      for (const [index, state] of states.entries()) {
        const parent = nodes[state.parent % nodes.length] as Node;
        const isTaken =
          state.key === '__proto__' || parent.children.some((sibling) => sibling.key === state.key);
        const key = isTaken ? `${state.key} ${index}` : state.key;
        const keys = [...parent.keys, key];
        const given = state.ownId ? key : keys.join('.');
        // XState refuses two states with one id, and takes a key in a target that begins with `#` for an id.
        const own = ids.has(given) || (key.startsWith('#') && !state.ownId) ? `id ${index}` : given;
        ids.add(own);
        const isDefault = own === keys.join('.');
        const node: Node = {
          key,
          keys,
          path: isDefault ? [...parent.path, key] : [own],
          parent,
          children: [],
          config: isDefault ? {} : { id: own },
        };
        parent.children.push(node);
        nodes.push(node);
      }
      const drawn = (node: Node) => states[nodes.indexOf(node) - 1];
      for (const node of nodes) {
        const state = drawn(node);
        if (node.children.length > 0) {
          if (state?.parallel ?? parallel) node.config['type'] = 'parallel';
          continue;
        }
        const isFirst = node.parent?.children[0] === node;
        if (state === undefined || isFirst || state.leaf === 'atomic') continue;
        node.config['type'] = state.leaf === 'final' ? 'final' : 'history';
        if (state.leaf !== 'final') node.config['history'] = state.leaf;
      }
      const isReal = ({ config }: Node) => config['type'] !== 'history';
      for (const node of nodes) {
        const state = drawn(node);
        if (state?.description != null) node.config['description'] = state.description;
        if (node.config['type'] === undefined && state?.service != null) {
          node.config['invoke'] = { src: state.service };
        }
        if (node.config['type'] === 'history' && state?.historyDefault != null) {
          const inside = nodes.filter(
            (each) => isReal(each) && each !== node.parent && within(each, node.parent as Node),
          );
          node.config['target'] = targetOf(inside[state.historyDefault % inside.length] as Node);
        }
      }
      const sources = nodes.filter(
        ({ config }) => config['type'] !== 'history' && config['type'] !== 'final',
      );
      for (const arrow of arrows) {
        const source = sources[arrow.from % sources.length] as Node;
        const [first, second] = arrow.to.map((index) => nodes[index % nodes.length] as Node);
        const apart =
          second !== undefined &&
          isReal(first as Node) &&
          isReal(second) &&
          !within(first as Node, second) &&
          !within(second, first as Node) &&
          commonOf(first as Node, second).config['type'] === 'parallel';
        const target = [first as Node, ...(apart ? [second] : [])].map(targetOf);
        add(source, arrow.kind, arrow.event, {
          target,
          ...(arrow.guard === null ? {} : { guard: arrow.guard }),
          ...(arrow.reenter ? { reenter: true } : {}),
        });
      }
      return createMachine(configOf(root) as never);
    });
}

/** A target is an id and a path of keys, so what divides keys is escaped in them. */
function targetOf({ path }: Node): string {
  return `#${path.map((key) => key.replace(/[\\.]/g, '\\$&')).join('.')}`;
}

function add({ config }: Node, kind: string, event: string, transition: object): void {
  if (kind === 'always') {
    config['always'] = [...((config['always'] as object[]) ?? []), { guard: 'g', ...transition }];
    return;
  }
  if (kind === 'done') {
    config['onDone'] = [...((config['onDone'] as object[]) ?? []), transition];
    return;
  }
  const name = kind === 'after' ? 'after' : 'on';
  const lists = (config[name] ??= Object.create(null)) as Record<string, object[]>;
  (lists[event] ??= []).push(transition);
}

function configOf({ children, config }: Node): Record<string, unknown> {
  if (children.length === 0) return config;
  const [first] = children as [Node];
  return {
    ...config,
    ...(config['type'] === 'parallel' ? {} : { initial: first.key }),
    states: Object.fromEntries(children.map((child) => [child.key, configOf(child)])),
  };
}
