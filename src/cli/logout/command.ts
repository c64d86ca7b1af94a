import { Command } from 'commander';
import { addStoreOptions } from '../source/store-option.ts';
import type { LogoutOptions } from './logout.ts';

/** `logout`: ends a stored session for good. */
export function logoutCommand(end: (exitCode: number) => void): Command {
  return addStoreOptions(
    new Command('logout').argument(
      '[server]',
      'the homeserver (default: HOMESERVER_URL, or that of the session’s user)',
    ),
  )
    .option('--json', 'print JSON')
    .summary('end a stored session for good')
    .description(
      'Logs a stored session out at its homeserver, which removes its device, and deletes what is stored of it (SQLite file, default: bot.db; or PostgreSQL). A bot that runs on it is signed out.',
    )
    .addHelpText(
      'after',
      `
Exit codes:
  0  logged out, or there was no such session
  1  the homeserver did not take the logout; what is stored is deleted all the same
  2  the store could not be used, or a command line that cannot be carried out

Examples:
  matrix-auth-machine logout
  matrix-auth-machine logout --store bot.db --session echo
  DATABASE_URL=… matrix-auth-machine logout matrix.example.org --store postgres`,
    )
    .action(async (server: string | undefined, options: LogoutOptions) => {
      const { logout } = await import('./logout.ts');
      end(await logout(server, options));
    });
}
