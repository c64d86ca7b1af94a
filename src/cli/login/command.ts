import { Command, Option } from 'commander';
import { addStoreOptions } from '../source/store-option.ts';
import { exitCodesText } from './exit-codes.ts';
import type { LoginOptions } from './login.ts';

/** `login`: signs in once, and stores the session. */
export function loginCommand(end: (exitCode: number) => void): Command {
  return addStoreOptions(
    new Command('login').argument('[server]', 'the homeserver, or its server name (default: HOMESERVER_URL)'),
  )
    .addOption(
      new Option('--with <way>', 'how to sign in (default: as the homeserver offers)').choices([
        'device',
        'password',
        'browser',
        'token',
      ]),
    )
    .option('--user <name>', 'whose account (default: MATRIX_USERNAME, or asked for)')
    .addOption(new Option('--username <name>', 'the same').hideHelp())
    .option(
      '--password-stdin',
      'read the password from a pipe (default: MATRIX_PASSWORD_FILE, MATRIX_PASSWORD, or asked for)',
    )
    .addOption(
      new Option('--device-id <id>', 'the device to sign in on (default: always the same one)').env(
        'MATRIX_DEVICE_ID',
      ),
    )
    .option('--json', 'print JSON')
    .addOption(new Option('--brief', 'leave out what the bot needs').hideHelp())
    .summary('sign in once, and store the session for a bot')
    .description(
      'Finds out what a homeserver offers, signs in, and stores the session in an SQLite file (default: bot.db) or PostgreSQL, from where a bot takes it and renews it by itself. With OAuth 2.0 you approve a link and a code on any device. A password is asked for and not shown, or comes from the environment, a file or a pipe; it is not stored, and never an argument. A session that is alive is left as it is; one that has ended is signed in anew on the same device, and a bot that runs on it goes on.',
    )
    .addHelpText(
      'after',
      `${exitCodesText}
Examples:
  matrix-auth-machine login matrix.example.org
  matrix-auth-machine login example.org --store /var/lib/bot/bot.db --user echo
  DATABASE_URL=… matrix-auth-machine login example.org --store postgres --session echo
  matrix-auth-machine login example.org --user echo --password-stdin --json < password.txt`,
    )
    .action(
      async (
        server: string | undefined,
        { username, ...options }: LoginOptions & { readonly username?: string },
      ) => {
        const { login } = await import('./login.ts');
        end(await login(server, username === undefined ? options : { user: username, ...options }));
      },
    );
}
