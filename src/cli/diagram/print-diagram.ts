import type { AnyStateMachine } from 'xstate';
import { authMachine } from '../../machines/index.ts';
import { type DotOptions, toDot, toJson, toMermaid } from '../../statechart/diagram/diagram.ts';
import { writeOutput } from '../output-file.ts';
import { loadMachine } from './load-machine.ts';

export interface DiagramCommandOptions {
  readonly format: 'mermaid' | 'dot' | 'json' | 'svg';
  readonly theme: 'light' | 'dark';
  readonly machine?: string;
  /** How many levels of states are drawn. Default: all. */
  readonly depth?: number;
  /** A file to write to, instead of printing. */
  readonly output?: string;
}

/**
 * Prints the diagram, or writes it to a file.
 * @throws {UsageError} if `machine` names no module or no machine, or the file cannot be written
 * @throws {GraphvizMissingError} if an SVG is asked for and cannot be drawn
 */
export async function printDiagram({
  format,
  theme,
  machine,
  depth,
  output,
}: DiagramCommandOptions): Promise<void> {
  const chosen = machine === undefined ? authMachine : await loadMachine(machine);
  const text = `${(await drawn(chosen, format, { theme, ...(depth === undefined ? {} : { depth }) })).trimEnd()}\n`;
  if (output === undefined) process.stdout.write(text);
  else await writeOutput('--output', output, text);
}

async function drawn(
  machine: AnyStateMachine,
  format: DiagramCommandOptions['format'],
  options: DotOptions,
): Promise<string> {
  switch (format) {
    case 'mermaid':
      return toMermaid(machine, options);
    case 'dot':
      return toDot(machine, options);
    case 'json':
      return JSON.stringify(toJson(machine), undefined, 2);
    case 'svg': {
      const { toSvg } = await import('../../adapters/graphviz/index.ts');
      return toSvg(machine, options);
    }
  }
}
