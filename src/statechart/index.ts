/**
 * Diagrams of any machine of XState 5, and test plans from it. Imports nothing but XState.
 * @module
 */

export {
  activeStates,
  type Diagram,
  type DiagramOptions,
  type DiagramState,
  type DiagramTheme,
  type DiagramTransition,
  type DotOptions,
  toDot,
  toJson,
  toMermaid,
} from './diagram/diagram.ts';
export { pathsOf } from './paths/paths.ts';
export type {
  Coverage,
  CoveringPath,
  EventCase,
  MachinePath,
  MachinePaths,
  PathStep,
  PathsOptions,
  SimplePathsBound,
} from './paths/types.ts';
