import { Command } from 'commander';
import { addSourceOptions, type SourceOptions } from '../source/source.ts';

/** `watch`: what happens, as it happens. */
export function watchCommand(end: (exitCode: number) => void): Command {
  return addSourceOptions(new Command('watch'))
    .summary('print a line for each change, until Ctrl-C')
    .description(
      'Prints where a bot stands, and a line for each transition from then on, until Ctrl-C. It comes back by itself when the page was gone. Of a store it prints a line for each new token.',
    )
    .addHelpText(
      'after',
      `
Exit codes: 0 when it is interrupted; 2 when it cannot begin, or the page wants another token.

Examples:
  matrix-auth-machine watch --page http://127.0.0.1:8008
  matrix-auth-machine watch --page http://127.0.0.1:8008 --bot echo --json
  matrix-auth-machine watch --sqlite bot.db`,
    )
    .action(async (options: SourceOptions) => {
      const { watch } = await import('./watch.ts');
      end(await watch(options));
    });
}
