import type { AnyStateMachine } from 'xstate';
import { authMachine } from '../../machines/index.ts';
import { toDot, toJson, toMermaid } from '../../statechart/diagram/diagram.ts';
import { loadMachine } from './load-machine.ts';

export interface DiagramCommandOptions {
  readonly format: 'mermaid' | 'dot' | 'json' | 'svg';
  readonly theme: 'light' | 'dark';
  readonly machine?: string;
}

/**
 * Prints the diagram.
 * @throws {UsageError} if `machine` names no module or no machine
 * @throws {GraphvizMissingError} if an SVG is asked for and cannot be drawn
 */
export async function printDiagram({ format, theme, machine }: DiagramCommandOptions): Promise<void> {
  const chosen = machine === undefined ? authMachine : await loadMachine(machine);
  process.stdout.write(`${(await drawn(chosen, format, theme)).trimEnd()}\n`);
}

async function drawn(
  machine: AnyStateMachine,
  format: DiagramCommandOptions['format'],
  theme: DiagramCommandOptions['theme'],
): Promise<string> {
  switch (format) {
    case 'mermaid':
      return toMermaid(machine);
    case 'dot':
      return toDot(machine, { theme });
    case 'json':
      return JSON.stringify(toJson(machine), undefined, 2);
    case 'svg': {
      const { toSvg } = await import('../../adapters/graphviz/index.ts');
      return toSvg(machine, { theme });
    }
  }
}
