import { Command } from 'commander';
import { addStoreOptions } from '../source/store-option.ts';
import type { DevicesOptions } from './devices.ts';

/** `devices`: the account's devices by age. */
export function devicesCommand(end: (exitCode: number) => void): Command {
  return addStoreOptions(
    new Command('devices').argument(
      '[server]',
      'the homeserver (default: HOMESERVER_URL, or that of the session’s user)',
    ),
  )
    .option('--remove', 'remove those that this module has made and that nobody uses any more')
    .option('--unused-for <days>', 'how long a device must not have been used to be removed', '30')
    .option('--password-stdin', 'read the password, which --remove needs, from a pipe')
    .option('--json', 'print JSON')
    .summary('list an account’s devices by age, and remove stale ones')
    .description(
      'Lists the devices of the account, the one that was used last at the top. The session comes from a store (--store), or the environment signs in as the bot does. With --remove, devices are removed that this module has made (their ids begin with MAM), that are not this session’s nor another’s in the store, and that were not used for 30 days. The homeserver wants the password for that.',
    )
    .addHelpText(
      'after',
      `
Exit codes:
  0    listed, and removed what was to be removed
  1    refused
  2    not reachable, or a command line that cannot be carried out
  130  interrupted by Ctrl-C

Examples:
  matrix-auth-machine devices --store bot.db
  matrix-auth-machine devices --store bot.db --remove --unused-for 90
  matrix-auth-machine devices --json`,
    )
    .action(async (server: string | undefined, options: DevicesOptions) => {
      const { devices } = await import('./devices.ts');
      end(await devices(server, options));
    });
}
