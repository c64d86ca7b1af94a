import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { serviceText, type TransitionKind, transitionsOf } from '../structure.ts';

/** A state of a machine, with those inside it. */
export interface DiagramState {
  /** XState's: `auth.refreshing`. */
  readonly id: string;
  readonly name: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly description?: string;
  readonly tags: readonly string[];
  /** The services that it invokes. */
  readonly invokes: readonly string[];
  /** The id of the state that it begins in. */
  readonly initial?: string;
  /** Of a history state: whether it remembers only the states next to it, or those inside them, too. */
  readonly history?: 'shallow' | 'deep';
  /** Of a history state: the ids of the states it leads to where there is nothing to remember, unless it is the initial one. */
  readonly target?: readonly string[];
  readonly states: readonly DiagramState[];
}

export interface DiagramTransition {
  readonly id: string;
  readonly kind: TransitionKind;
  readonly source: string;
  /** Ids; none where the state does not change, more than one into parallel regions. */
  readonly targets: readonly string[];
  /** `token.rejected`, `exchange done`, `after backoff`, `always`. */
  readonly event: string;
  readonly guard?: string;
  readonly actions: readonly string[];
  readonly description?: string;
}

/** A machine as data: everything that the diagrams are drawn from. */
export interface Diagram {
  readonly root: DiagramState;
  readonly transitions: readonly DiagramTransition[];
}

/** Any machine of XState 5 as plain data. */
export function diagramOf(machine: AnyStateMachine): Diagram {
  return {
    root: stateOf(machine.root),
    transitions: transitionsOf(machine).map(
      ({ definition, id, kind, source, targets, event, guard, description }) => ({
        id,
        kind,
        source,
        targets,
        event,
        ...(guard === undefined ? {} : { guard }),
        actions: namesOf(definition.actions),
        ...(description === undefined ? {} : { description }),
      }),
    ),
  };
}

/** The state and all those inside it, each before those that are inside it. */
export function statesIn(state: DiagramState): DiagramState[] {
  return [state, ...state.states.flatMap(statesIn)];
}

function stateOf(node: AnyStateNode): DiagramState {
  const [initial] = node.type === 'compound' ? node.initial.target : [];
  return {
    id: node.id,
    name: node.key,
    type: node.type,
    ...(node.description === undefined ? {} : { description: node.description }),
    tags: [...node.tags],
    invokes: node.invoke.map(({ id }) => serviceText(node, id)),
    ...(initial === undefined ? {} : { initial: initial.id }),
    ...(node.type === 'history' ? historyOf(node) : {}),
    states: Object.values(node.states as Record<string, AnyStateNode>).map((child) => stateOf(child)),
  };
}

function historyOf({ history, parent, config }: AnyStateNode): Pick<DiagramState, 'history' | 'target'> {
  const targets: readonly string[] = [config.target ?? []].flat();
  return {
    history: history === 'deep' ? 'deep' : 'shallow',
    ...(targets.length === 0
      ? {}
      : { target: targets.map((each) => nodeAt(parent as AnyStateNode, each).id) }),
  };
}

/** The state that a target of XState means, seen from the state that holds it: `#id.key`, or `key.key`. */
function nodeAt(from: AnyStateNode, target: string): AnyStateNode {
  if (target.startsWith('#')) return from.machine.getStateNodeById(target);
  const keys = [...target.matchAll(/(?:[^\\.]|\\.)+/gs)].map(([key]) => key.replace(/\\(.)/gs, '$1'));
  return keys.reduce((node, key) => node.states[key] as AnyStateNode, from);
}

/** The names of actions that have one; what is written in place has none. */
function namesOf(actions: AnyTransitionDefinition['actions']): string[] {
  return actions.flatMap((action) => {
    if (typeof action === 'function') return [];
    return typeof action === 'string' ? [action] : [action.type];
  });
}
