import { Command, Option } from 'commander';
import type { InitOptions } from './init.ts';

/** `init`: a bot in an empty folder. */
export function initCommand(end: (exitCode: number) => void): Command {
  return new Command('init')
    .argument('[folder]', 'an empty folder, or one that is to be made', '.')
    .addOption(
      new Option('--sdk <sdk>', 'the SDK that the bot uses')
        .choices(['matrix-js-sdk', 'matrix-bot-sdk'])
        .default('matrix-js-sdk'),
    )
    .option('--javascript', 'JavaScript (default: TypeScript, which Node runs as it is)')
    .option('--name <name>', 'of the package, the container and the service (default: that of the folder)')
    .option('--server <server>', 'the homeserver, or its server name: signs in at once')
    .option('--user <name>', 'whose account (default: MATRIX_USERNAME, or asked for)')
    .option('--password-stdin', 'read the password from a pipe (default: asked for)')
    .option('--no-install', 'leave npm install to you')
    .option('--json', 'print JSON')
    .summary('write a bot that runs, with its test, a Dockerfile and a systemd unit')
    .description(
      'Writes a bot into an empty folder: it joins where it is invited and answers, its session renews itself, and its test walks it through everything that can happen to a token. With --server it is signed in at once, so that it runs with npm start.',
    )
    .addHelpText(
      'after',
      `
Exit codes:
  0    written, and signed in where that was asked for
  1    written, and not installed or not signed in: it says why
  2    nothing was written: the folder is not empty, or a command line that cannot be carried out
  130  interrupted by Ctrl-C

Examples:
  matrix-auth-machine init echo --server example.org
  matrix-auth-machine init echo --sdk matrix-bot-sdk --javascript
  matrix-auth-machine init --no-install --json`,
    )
    .action(async (folder: string, options: InitOptions) => {
      const { init } = await import('./init.ts');
      end(await init(folder, options));
    });
}
