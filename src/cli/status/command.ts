import { Command } from 'commander';
import { exitCodesText } from './exit-codes.ts';
import { addSourceOptions, type SourceOptions } from '../source/source.ts';

/** `status`: how things stand. `end` is given the exit code. */
export function statusCommand(end: (exitCode: number) => void): Command {
  return addSourceOptions(new Command('status'))
    .summary('say whether a bot is signed in, and what has to be done')
    .description(
      'Says whether a bot is signed in, since and until when, what happened last, what comes next, and what you have to do. From a store there is less to know: it does not tell whether the bot runs.',
    )
    .addHelpText(
      'after',
      `${exitCodesText}
Examples:
  matrix-auth-machine status --page http://127.0.0.1:8008
  matrix-auth-machine status --page http://127.0.0.1:8008/bots/echo --json
  matrix-auth-machine status --sqlite bot.db --key 2026=env:SESSION_KEY
  DATABASE_URL=… matrix-auth-machine status --postgres --session echo`,
    )
    .action(async (options: SourceOptions) => {
      const { printStatus } = await import('./status.ts');
      end(await printStatus(options));
    });
}
