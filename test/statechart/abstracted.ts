import { type AnyStateMachine, createMachine } from 'xstate';
import { transitionsOf, statesOf } from '../../src/statechart/structure.ts';

type Actions = AnyStateMachine['implementations']['actions'];

/**
 * The same machine as @xstate/test can take it: what its services and timers would send comes as plain events, of its
 * actions only the assignments are left, and its context is that of its start.
 */
export function abstracted(machine: AnyStateMachine, context: object): AnyStateMachine {
  const assignments: Actions = Object.fromEntries(
    Object.entries(machine.implementations.actions).filter(
      ([, action]) => (action as { readonly type?: string }).type === 'xstate.assign',
    ),
  );
  const kept = (actions: readonly unknown[]) =>
    actions.filter((action) => nameOf(action) in assignments) as never[];
  const transitions = Map.groupBy(transitionsOf(machine), ({ source }) => source);

  const stateOf = (node: AnyStateMachine['root']): object => {
    const own = (transitions.get(node.id) ?? []).map(({ eventType, targets, definition }) => ({
      eventType,
      config: {
        ...(definition.guard === undefined ? {} : { guard: definition.guard }),
        ...(targets.length === 0 ? {} : { target: targets.map((id) => `#${id}`) }),
        actions: kept(definition.actions),
      },
    }));
    const on = Map.groupBy(
      own.filter(({ eventType }) => eventType !== ''),
      ({ eventType }) => eventType,
    );
    return {
      id: node.id,
      ...(node.type === 'parallel' || node.type === 'final' ? { type: node.type } : {}),
      ...(node.type === 'compound' ? { initial: node.config.initial } : {}),
      tags: [...node.tags],
      entry: kept(node.entry),
      exit: kept(node.exit),
      always: own.filter(({ eventType }) => eventType === '').map(({ config }) => config),
      on: Object.fromEntries([...on].map(([type, list]) => [type, list.map(({ config }) => config)])),
      states: Object.fromEntries(
        statesOf(machine)
          .filter(({ parent }) => parent === node)
          .map((child) => [child.key, stateOf(child)]),
      ),
    };
  };
  return createMachine({ ...stateOf(machine.root), context } as never, {
    guards: machine.implementations.guards as never,
    actions: assignments as never,
  });
}

function nameOf(action: unknown): string {
  return typeof action === 'string' ? action : String((action as { readonly type?: unknown }).type);
}
