/**
 * Diagrams of any machine of XState 5 in all formats: as an SVG, drawn by Graphviz, and as text.
 * @module
 */

export {
  type Diagram,
  type DiagramOptions,
  type DiagramState,
  type DiagramTheme,
  type DiagramTransition,
  type DotOptions,
  toDot,
  toJson,
  toMermaid,
} from '../../statechart/index.ts';
export { GraphvizMissingError, toSvg } from './svg.ts';
