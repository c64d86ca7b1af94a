import type { Diagram, DiagramState, DiagramTransition } from './model.ts';

export interface DiagramOptions {
  /** How many levels of states are drawn; what is deeper is folded into the state that holds it. Default: all. */
  readonly depth?: number;
  /** Whether the labels name the guards. Default true. */
  readonly guards?: boolean;
}

/** One arrow: all transitions between the same two states. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** One line for each transition. */
  readonly labels: readonly string[];
  /** What they have in common; `undefined` if they are of several kinds. */
  readonly kind: DiagramTransition['kind'] | undefined;
}

/** What is drawn: boxes, arrows between them, and captions for what would only be an arrow from a box into itself. */
export interface View {
  readonly root: DiagramState;
  readonly arrows: readonly Arrow[];
  /** By the id of the state: `retry → asking`. Those of the root hold in any state. */
  readonly captions: ReadonlyMap<string, readonly string[]>;
}

interface Place {
  readonly state: DiagramState;
  /** From the root to the state itself. */
  readonly line: readonly DiagramState[];
}

export function viewOf(
  diagram: Diagram,
  { depth = Number.POSITIVE_INFINITY, guards = true }: DiagramOptions = {},
): View {
  const places = new Map(placesIn(diagram.root).map((place) => [place.state.id, place]));
  const at = (id: string): Place => places.get(id) ?? { state: diagram.root, line: [diagram.root] };
  /** The state that stands for it in the picture. */
  const shown = (place: Place): Place =>
    at((place.line[Math.min(depth, place.line.length - 1)] ?? diagram.root).id);
  const isInside = (inner: Place, outer: Place) => inner.line.includes(outer.state);

  const arrows = new Map<string, { from: string; to: string; labels: string[]; kinds: Set<Arrow['kind']> }>();
  const captions = new Map<string, string[]>();
  for (const transition of diagram.transitions) {
    if (transition.targets.length === 0) continue;
    const [source, targets] = [at(transition.source), transition.targets.map(at)];
    const [from, to] = [shown(source), shown(commonOf(targets, at))];
    const folded =
      from.state !== source.state || targets.some((target) => shown(target).state !== target.state);
    if (folded && isInside(to, from)) continue;
    const label = labelOf(transition, diagram, { source, guards, folded });
    const narrower = folded ? '' : entered(targets, to);
    if (isInside(to, from) && from.state.states.length > 0) {
      const where = from === to ? targets.map(({ state }) => state.name).join(' & ') : to.state.name;
      add(captions, from.state.id, `${label} → ${narrower === '' ? where : narrower}`);
      continue;
    }
    const key = `${from.state.id} ${to.state.id}`;
    const arrow = arrows.get(key) ?? { from: from.state.id, to: to.state.id, labels: [], kinds: new Set() };
    const line = narrower === '' ? label : `${label} → ${narrower}`;
    if (!arrow.labels.includes(line)) arrow.labels.push(line);
    arrow.kinds.add(transition.kind);
    arrows.set(key, arrow);
  }
  return {
    root: pruned(diagram.root, depth),
    arrows: [...arrows.values()].map(({ kinds, ...arrow }) => ({
      ...arrow,
      kind: kinds.size === 1 ? [...kinds][0] : undefined,
    })),
    captions,
  };
}

function placesIn(state: DiagramState, above: readonly DiagramState[] = []): Place[] {
  const line = [...above, state];
  return [{ state, line }, ...state.states.flatMap((child) => placesIn(child, line))];
}

/** The innermost state that holds all of them. */
function commonOf(places: readonly Place[], at: (id: string) => Place): Place {
  const [first, ...others] = places;
  const common = first?.line.filter((state) => others.every(({ line }) => line.includes(state))).at(-1);
  return at(common?.id ?? '');
}

/** In several regions at once: the names of those targets that are not where their region begins anyway. */
function entered(targets: readonly Place[], to: Place): string {
  if (targets.length < 2) return '';
  return targets
    .filter(({ line }) =>
      line.slice(line.indexOf(to.state) + 1).some((state, index, path) => {
        const parent = path[index - 1] ?? to.state;
        return parent.type === 'compound' && parent.initial !== state.id;
      }),
    )
    .map(({ state }) => state.name)
    .join(' & ');
}

function labelOf(
  { id, kind, event, guard, source: sourceId }: DiagramTransition,
  { transitions }: Diagram,
  { source, guards, folded }: { readonly source: Place; readonly guards: boolean; readonly folded: boolean },
): string {
  if (kind === 'always') {
    if (guard !== undefined) return `[${guard}]`;
    const asked = transitions.some(
      (other) => other.source === sourceId && other.kind === 'always' && other.id !== id,
    );
    return asked ? 'otherwise' : 'always';
  }
  const { invokes } = source.state;
  // In the box of the only service there is, its name need not be said again.
  const short = !folded && invokes.length === 1 && (kind === 'done' || kind === 'error') ? kind : event;
  return guard !== undefined && guards ? `${short} [${guard}]` : short;
}

function pruned(state: DiagramState, depth: number): DiagramState {
  if (depth > 0) return { ...state, states: state.states.map((child) => pruned(child, depth - 1)) };
  const { initial: _, ...rest } = state;
  return { ...rest, type: state.type === 'final' ? 'final' : 'atomic', states: [] };
}

function add(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key) ?? [];
  if (!list.includes(value)) list.push(value);
  lists.set(key, list);
}
