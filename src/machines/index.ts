export * from './auth/index.ts';
export { authCases } from './auth/cases.ts';
export { authStateKey } from './auth/state-key.ts';
export { wallClock } from './clock.ts';
export type {
  Diagram,
  DiagramOptions,
  DiagramState,
  DiagramTheme,
  DiagramTransition,
  DotOptions,
} from './diagram.ts';
export { activeStates, toDot, toJson, toMermaid } from './diagram.ts';
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
export { authPaths, pathsOf } from './paths.ts';
