import {
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
  createMachine,
  getNextTransitions,
} from 'xstate';
import { type Transition, transitionsOf } from '../structure.ts';
import { matchesDescriptor, rank } from './event-types.ts';

/** XState goes on with `always` and with raised events without an end; a machine that means to is not known. */
const MOST_MICROSTEPS = 1_000;

/** The type of the action that a marked machine asks for when it takes a transition. */
const MARK = 'matrix-auth-machine.edge';

/** Something a path can cover: a transition, or the case that every guard of an event's transitions says no. */
export interface Edge {
  readonly id: string;
  /** `auth.valid: refresh [canRenew] -> auth.refreshing`, or `… -> ignored`. */
  readonly name: string;
}

/** A copy of a machine that says which transitions it takes. */
export interface MarkedMachine<M extends AnyStateMachine> {
  readonly machine: M;
  readonly edges: readonly Edge[];
  readonly byId: ReadonlyMap<string, Transition>;
  /** Who may have no branch for an event: the first transition of each list with nothing but guards. */
  readonly refusable: readonly Transition[];
  /** What a reader calls an event, by its descriptor, but for those that only the machine itself can set off. */
  readonly eventTexts: ReadonlyMap<string, string>;
}

export function marked<M extends AnyStateMachine>(machine: M): MarkedMachine<M> {
  const { config, implementations } = machine;
  const options = { maxIterations: MOST_MICROSTEPS, ...config.options };
  const copy = createMachine({ ...config, options }, implementations as never) as unknown as M;
  const transitions = transitionsOf(copy);
  for (const { id, definition } of transitions) {
    // The pure functions of XState return the actions to execute but not the transitions taken: so each says its name.
    Object.assign(definition, { actions: [{ type: MARK, params: { id } }, ...definition.actions] });
  }
  const refusable = refusableAmong(transitions);
  return {
    machine: copy,
    edges: [...transitions.map(edgeOf), ...refusable.map(refusalOf)],
    byId: new Map(transitions.map((transition) => [transition.id, transition])),
    refusable,
    eventTexts: new Map(transitions.filter(isFromOutside).map(({ eventType, event }) => [eventType, event])),
  };
}

/** The ids of the edges that a step has taken, by the actions that it asked for. */
export function edgesTaken(
  actions: readonly { readonly type: string; readonly params?: unknown }[],
): string[] {
  return actions
    .filter(({ type }) => type === MARK)
    .map(({ params }) => (params as { readonly id: string }).id);
}

/** The ids of the refusals in a step: who was asked whether to take the event, and had no branch for it. */
export function refusalsIn(
  { refusable, byId }: Pick<MarkedMachine<AnyStateMachine>, 'refusable' | 'byId'>,
  before: AnyMachineSnapshot,
  event: AnyEventObject,
  taken: readonly string[],
): string[] {
  const candidates = refusable.filter(({ eventType }) => matchesDescriptor(event.type, eventType));
  if (candidates.length === 0) return [];
  const asked = new Set<AnyStateNode>(getNextTransitions(before).map(({ source }) => source));
  const takers = taken
    .map((id) => byId.get(id) as Transition)
    .filter(({ eventType }) => matchesDescriptor(event.type, eventType));
  const isTakenBefore = ({ eventType, definition: { source } }: Transition) =>
    takers.some((taker) =>
      taker.definition.source === source
        ? rank(taker.eventType, event.type) >= rank(eventType, event.type)
        : isWithin(taker.definition.source, source),
    );
  return candidates
    .filter((candidate) => asked.has(candidate.definition.source) && !isTakenBefore(candidate))
    .map((transition) => refusalOf(transition).id);
}

function edgeOf({ id, source, event, guard, targets }: Transition): Edge {
  const where = targets.length === 0 ? 'no change of state' : targets.join(' & ');
  return { id, name: `${source}: ${event}${guard === undefined ? '' : ` [${guard}]`} -> ${where}` };
}

function refusalOf({ source, eventType, event }: Transition): Edge {
  return { id: `${source} ${eventType} ignored`, name: `${source}: ${event} -> ignored` };
}

/** Not `always`, nor that a state inside has come to its end: of these the machine itself sees to. */
function isFromOutside({ kind }: Transition): boolean {
  return kind !== 'always' && kind !== 'state-done';
}

/** The first transition of each list of which every one has a guard. */
function refusableAmong(transitions: readonly Transition[]): Transition[] {
  const lists = Map.groupBy(
    transitions.filter(isFromOutside),
    ({ source, eventType }) => `${source} ${eventType}`,
  );
  return [...lists.values()]
    .filter((list) => list.every(({ guard }) => guard !== undefined))
    .flatMap((list) => list.slice(0, 1));
}

function isWithin(node: AnyStateNode, ancestor: AnyStateNode): boolean {
  return node === ancestor || (node.parent !== undefined && isWithin(node.parent, ancestor));
}
