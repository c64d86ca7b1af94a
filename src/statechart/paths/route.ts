import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import type { Exploration, Step } from './explore.ts';

/** A way through what was explored, one step after the other; the start is no step. */
export type Route<M extends AnyStateMachine> = readonly Step<M>[];

/** The edges that a route takes and the cases that it tries, each once. */
export function coversOf<M extends AnyStateMachine>(route: Route<M>): string[] {
  return [...new Set(route.flatMap(({ edges, move }) => [...edges, `case ${move.on}: ${move.name}`]))];
}

/** The state value, as text. */
export function valueAt<M extends AnyStateMachine>({ states }: Exploration<M>, key: string): string {
  return JSON.stringify((states.get(key) as AnyMachineSnapshot).value);
}

/** What can be done in a state that was explored. */
export function stepsFrom<M extends AnyStateMachine>(
  { steps }: Exploration<M>,
  key: string,
): readonly Step<M>[] {
  return steps.get(key) as readonly Step<M>[];
}
