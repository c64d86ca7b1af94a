import type { AnyStateMachine } from 'xstate';
import { type DotOptions, toDot } from '../../statechart/diagram/diagram.ts';

/** The package that lays out the drawing is not there. */
export class GraphvizMissingError extends Error {
  override readonly name = 'GraphvizMissingError';
}

/** Whichever of these is there: they are about as wide as Arial, for which the drawing was laid out. */
const fonts = 'Arial, Helvetica, Liberation Sans, DejaVu Sans, sans-serif';

/**
 * Any machine of XState 5 as an SVG, drawn by Graphviz. Nothing in it is loaded from elsewhere, and its background is
 * transparent. The first call loads Graphviz, which takes a moment.
 * @throws {GraphvizMissingError} if `@hpcc-js/wasm-graphviz` is not installed
 */
export async function toSvg(machine: AnyStateMachine, options: DotOptions = {}): Promise<string> {
  const graphviz = await load();
  const svg = graphviz.layout(toDot(machine, options), 'svg', 'dot');
  return svg
    .slice(svg.indexOf('<svg'))
    .replace(/<!--[\s\S]*?-->\n?/g, '')
    .replaceAll('font-family="Arial"', `font-family="${fonts}"`)
    .replace('<svg ', `<svg role="img" aria-label="${titleOf(machine)}" `);
}

async function load() {
  try {
    const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
    return await Graphviz.load();
  } catch (cause) {
    throw new GraphvizMissingError(
      'An SVG is drawn by Graphviz, from the package @hpcc-js/wasm-graphviz, and that could not be loaded. ' +
        'Install it with: npm install @hpcc-js/wasm-graphviz. Or use toMermaid() or toDot(), which need nothing.',
      { cause },
    );
  }
}

function titleOf({ id }: AnyStateMachine): string {
  return `The state machine ${id}`.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
}
