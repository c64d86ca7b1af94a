import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { serviceInWords, type TransitionKind, transitionsOf } from '../structure.ts';

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

function stateOf(node: AnyStateNode): DiagramState {
  const [initial] = node.type === 'compound' ? node.initial.target : [];
  return {
    id: node.id,
    name: node.key,
    type: node.type,
    ...(node.description === undefined ? {} : { description: node.description }),
    tags: [...node.tags],
    invokes: node.invoke.map(({ id }) => serviceInWords(node, id)),
    ...(initial === undefined ? {} : { initial: initial.id }),
    states: Object.values(node.states as Record<string, AnyStateNode>).map((child) => stateOf(child)),
  };
}

/** The names of actions that have one; what is written in place has none. */
function namesOf(actions: AnyTransitionDefinition['actions']): string[] {
  return actions.flatMap((action) => {
    if (typeof action === 'function') return [];
    return typeof action === 'string' ? [action] : [action.type];
  });
}
