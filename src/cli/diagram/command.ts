import { Command, InvalidArgumentError, Option } from 'commander';

/** `diagram`: the machine, or one that was made from it, as a picture. */
export function diagramCommand(): Command {
  return new Command('diagram')
    .summary('print the machine as a diagram')
    .description('Prints the machine that keeps a bot signed in, or a machine of yours, as a diagram.')
    .addOption(
      new Option('--format <format>', 'what to print; svg needs the package @hpcc-js/wasm-graphviz')
        .choices(['mermaid', 'dot', 'json', 'svg'])
        .default('mermaid'),
    )
    .addOption(
      new Option('--theme <theme>', 'colours of dot and svg').choices(['light', 'dark']).default('light'),
    )
    .option(
      '--machine <file#export>',
      'a machine of yours: a module, and the name of its export (default: the default one)',
    )
    .addOption(
      new Option(
        '--depth <levels>',
        'how many levels of states to draw (default: all); json has them all',
      ).argParser(levels),
    )
    .option('-o, --output <file>', 'write to this file instead of printing')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  matrix-auth-machine diagram --depth 1 -o auth.mmd\n' +
        '  matrix-auth-machine diagram --format svg --theme dark -o auth.svg\n' +
        '  matrix-auth-machine diagram --machine dist/bot-machine.js#botMachine',
    )
    .action(
      async (options: {
        format: 'mermaid' | 'dot' | 'json' | 'svg';
        theme: 'light' | 'dark';
        machine?: string;
        depth?: number;
        output?: string;
      }) => {
        const { printDiagram } = await import('./print-diagram.ts');
        await printDiagram(options);
      },
    );
}

function levels(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('Give a whole number, 1 or more.');
  return Number(text);
}
