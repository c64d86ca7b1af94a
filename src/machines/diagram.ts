import type { AnyStateMachine } from 'xstate';
import { type Diagram, diagramOf } from './diagram/model.ts';

export { type DotOptions, toDot } from './diagram/dot.ts';
export { toMermaid } from './diagram/mermaid.ts';
export type { Diagram, DiagramState, DiagramTransition } from './diagram/model.ts';
export type { DiagramTheme } from './diagram/themes.ts';
export type { DiagramOptions } from './diagram/view.ts';

/** Any machine of XState 5 as plain data: its states, nested, and its transitions, for tools of your own. */
export function toJson(machine: AnyStateMachine): Diagram {
  return diagramOf(machine);
}
