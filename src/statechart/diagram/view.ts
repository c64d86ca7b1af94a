import type { TransitionKind } from '../structure.ts';
import type { Diagram, DiagramState, DiagramTransition } from './model.ts';

export interface DiagramOptions {
  /** How many levels of states are drawn; what is deeper is folded into the state that holds it. Default: all. */
  readonly depth?: number;
  /** Whether the labels name the guards. Default true. */
  readonly guards?: boolean;
}

/** One arrow: all transitions between the same two states. */
export interface Arrow {
  readonly from: DiagramState;
  readonly to: DiagramState;
  /** One line for each transition. */
  readonly labels: readonly string[];
  /** What they have in common; `undefined` if they are of several kinds. */
  readonly kind: TransitionKind | 'history' | undefined;
}

/**
 * What is drawn: boxes, arrows between them, and captions for what would only be an arrow from a box into itself, or into
 * the root, which has no box.
 */
export interface View {
  readonly root: DiagramState;
  readonly arrows: readonly Arrow[];
  /** By the id of the state: `retry → asking`. Those of the root hold in any state. */
  readonly captions: ReadonlyMap<string, readonly string[]>;
}

interface Place {
  /** As it is drawn, which is without what is folded into it. */
  readonly state: DiagramState;
  /** Those that it is in, from the root inwards. */
  readonly holders: readonly Place[];
}

export function viewOf(
  diagram: Diagram,
  { depth = Number.POSITIVE_INFINITY, guards = true }: DiagramOptions = {},
): View {
  const places = placesIn(diagram.root, depth);
  // Transitions lead from states of the machine to states of the machine.
  const at = (id: string) => places.find(({ state }) => state.id === id) as Place;
  const root = at(diagram.root.id);
  /** The state that stands for it in the picture. */
  const shown = (place: Place): Place => place.holders[depth] ?? place;

  const arrows = new Map<
    string,
    { from: DiagramState; to: DiagramState; labels: string[]; kinds: Set<Arrow['kind']> }
  >();
  const draw = (from: DiagramState, to: DiagramState, line: string, kind: Arrow['kind']) => {
    const key = JSON.stringify([from.id, to.id]);
    const arrow = arrows.get(key) ?? { from, to, labels: [], kinds: new Set() };
    if (!arrow.labels.includes(line)) arrow.labels.push(line);
    arrow.kinds.add(kind);
    arrows.set(key, arrow);
  };
  const captions = new Map<string, string[]>();
  for (const transition of diagram.transitions) {
    if (transition.targets.length === 0) continue;
    const [source, targets] = [at(transition.source), transition.targets.map(at)];
    const [from, to] = [shown(source), shown(commonOf(targets, places))];
    const folded = from !== source || targets.some((target) => shown(target) !== target);
    if (folded && isInside(to, from)) continue;
    const label = labelOf(transition, diagram, { source, guards, folded });
    const narrower = folded ? '' : entered(targets, to);
    if (to === root || (isInside(to, from) && from.state.states.length > 0)) {
      const where = to === from || to === root ? namesOf([...new Set(targets.map(shown))]) : namesOf([to]);
      add(captions, from.state.id, `${label} → ${narrower === '' ? where : narrower}`);
      continue;
    }
    draw(from.state, to.state, narrower === '' ? label : `${label} → ${narrower}`, transition.kind);
  }
  for (const history of places.filter((place) => shown(place) === place)) {
    for (const target of history.state.target ?? []) {
      const to = shown(at(target));
      if (!isInside(history, to)) draw(history.state, to.state, 'default', 'history');
    }
  }
  return {
    root: root.state,
    arrows: [...arrows.values()].map(({ kinds, ...arrow }) => ({
      ...arrow,
      kind: kinds.size === 1 ? [...kinds][0] : undefined,
    })),
    captions,
  };
}

/** The state and those in it, each before those that are in it. */
function placesIn(state: DiagramState, depth: number, holders: readonly Place[] = []): Place[] {
  const place = { state: pruned(state, depth), holders };
  return [place, ...state.states.flatMap((child) => placesIn(child, depth - 1, [...holders, place]))];
}

function isInside(inner: Place, outer: Place): boolean {
  return inner === outer || inner.holders.includes(outer);
}

/** The innermost of the places that holds all of the targets. */
function commonOf(targets: readonly Place[], places: readonly Place[]): Place {
  return places.reduce((innermost, place) =>
    targets.every((target) => isInside(target, place)) ? place : innermost,
  );
}

/** In several regions at once: the names of those targets that are not where their region begins anyway. */
function entered(targets: readonly Place[], to: Place): string {
  const anyway = begun(to.state);
  return namesOf(targets.filter(({ state }) => !anyway.includes(state.id)));
}

/** The ids of the states that a machine is in if it enters one and nothing is said of those inside. */
function begun({ id, initial, states }: DiagramState): string[] {
  const entered = states.filter((child) => initial === undefined || child.id === initial);
  return [id, ...entered.flatMap(begun)];
}

function namesOf(places: readonly Place[]): string {
  return places
    .map(({ state, holders }) =>
      state.type === 'history' ? `${holders.at(-1)?.state.name}.${nameOf(state)}` : state.name,
    )
    .join(' & ');
}

/** What a box is called: a history state is an `H`, as in UML, and an `H*` if it is deep. */
export function nameOf({ name, history }: DiagramState): string {
  if (history === undefined) return name;
  return history === 'deep' ? 'H*' : 'H';
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
  return { ...rest, type: state.states.length === 0 ? state.type : 'atomic', states: [] };
}

function add(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key) ?? [];
  if (!list.includes(value)) list.push(value);
  lists.set(key, list);
}
