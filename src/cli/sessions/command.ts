import { Command } from 'commander';
import { addStoreOptions } from '../source/store-option.ts';
import type { SessionsOptions } from './sessions.ts';

/** `sessions`: what a store holds. */
export function sessionsCommand(end: (exitCode: number) => void): Command {
  return addStoreOptions(new Command('sessions'))
    .option('--json', 'print JSON')
    .summary('list the sessions in a store')
    .description(
      'Lists the sessions in an SQLite file (default: bot.db) or PostgreSQL: whose they are, on which device, until when their tokens are good, and whether they renew themselves. No homeserver is asked, and nothing is written.',
    )
    .addHelpText(
      'after',
      `
Exit codes:
  0  listed
  2  the store could not be used, or a command line that cannot be carried out

Examples:
  matrix-auth-machine sessions
  matrix-auth-machine sessions --store bot.db --json
  DATABASE_URL=… matrix-auth-machine sessions --store postgres`,
    )
    .action(async (options: SessionsOptions) => {
      const { printSessions } = await import('./sessions.ts');
      end(await printSessions(options));
    });
}
