import { Command } from 'commander';
import { addStoreOptions } from '../source/store-option.ts';
import type { DoctorOptions } from './doctor.ts';
import { exitCodesText } from './exit-codes.ts';

/** `doctor`: what becomes of a set-up. `end` is given the exit code. */
export function doctorCommand(end: (exitCode: number) => void): Command {
  return addStoreOptions(
    new Command('doctor').argument('[server]', 'the homeserver (default: HOMESERVER_URL)'),
  )
    .option('--try', 'spend something to find out: renew the stored session, or log in once')
    .option('--json', 'print JSON')
    .summary('say whether a set-up will last, and what to do')
    .description(
      'Looks at what a bot would start with (the environment as the bot reads it, a session store, or a homeserver alone) by a few harmless requests, and says what it is, what happens next, and what to do. It prints no secret. Without --try it spends no refresh token and no login, and changes nothing.',
    )
    .addHelpText(
      'after',
      `${exitCodesText}
Examples:
  matrix-auth-machine doctor
  matrix-auth-machine doctor matrix.example.org
  matrix-auth-machine doctor --store bot.db --json
  DATABASE_URL=… matrix-auth-machine doctor --store postgres --session echo --try`,
    )
    .action(async (server: string | undefined, options: DoctorOptions) => {
      const { printDoctor } = await import('./doctor.ts');
      end(await printDoctor(server, options));
    });
}
