import { type AnyMachineSnapshot, type AnyStateMachine, pathToStateValue } from 'xstate';
import { type Diagram, diagramOf } from './model.ts';
import { statesOf } from '../structure.ts';

export { type DotOptions, toDot } from './dot.ts';
export { toMermaid } from './mermaid.ts';
export type { Diagram, DiagramState, DiagramTransition } from './model.ts';
export type { DiagramTheme } from './themes.ts';
export type { DiagramOptions } from './view.ts';

/** Any machine of XState 5 as plain data: its states, nested, and its transitions, for tools of your own. */
export function toJson(machine: AnyStateMachine): Diagram {
  return diagramOf(machine);
}

/** The ids of the states that a machine is in, from the outermost to the innermost: those to light in a drawing. */
export function activeStates(snapshot: AnyMachineSnapshot): string[] {
  return statesOf(snapshot.machine)
    .filter(({ path }) => snapshot.matches(pathToStateValue(path) as never))
    .map(({ id }) => id);
}
