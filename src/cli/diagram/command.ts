import { Command, Option } from 'commander';

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
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  matrix-auth-machine diagram > auth.mmd\n' +
        '  matrix-auth-machine diagram --format svg --theme dark > auth.svg\n' +
        '  matrix-auth-machine diagram --machine dist/bot-machine.js#botMachine',
    )
    .action(
      async (options: {
        format: 'mermaid' | 'dot' | 'json' | 'svg';
        theme: 'light' | 'dark';
        machine?: string;
      }) => {
        const { printDiagram } = await import('./print-diagram.ts');
        await printDiagram(options);
      },
    );
}
