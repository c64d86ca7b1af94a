import { Command, CommanderError } from 'commander';
import { packageVersion } from '../ports/index.ts';
import { devicesCommand } from './devices/command.ts';
import { diagramCommand } from './diagram/command.ts';
import { doctorCommand } from './doctor/command.ts';
import { generateTestsCommand } from './generate-tests/command.ts';
import { initCommand } from './init/command.ts';
import { loginCommand } from './login/command.ts';
import { logoutCommand } from './logout/command.ts';
import { sessionsCommand } from './sessions/command.ts';
import { statusCommand } from './status/command.ts';
import { oneLine } from './words.ts';
import { watchCommand } from './watch/command.ts';
import { InterruptedError, RefusedError, UnreachableError, UsageError } from './errors.ts';

/**
 * Runs the command line. Returns the exit code: 0; 1 for a failure; 2 for a command line that cannot be carried out; 130
 * for Ctrl-C at a question; those of `status` and `doctor` are their own.
 */
export async function runCli(args: readonly string[]): Promise<number> {
  const program = new Command('matrix-auth-machine')
    .description(
      'Keeps Matrix bots signed in: a session that is stored, whether a set-up will last, how a bot is doing, tests for your bot, diagrams of the machine.',
    )
    .version(packageVersion() as string)
    .showHelpAfterError('Run it with --help to see what there is.')
    .exitOverride();
  let exitCode = 0;
  const end = (code: number) => {
    exitCode = code;
  };
  for (const command of [
    initCommand(end),
    loginCommand(end),
    logoutCommand(end),
    sessionsCommand(end),
    devicesCommand(end),
    doctorCommand(end),
    statusCommand(end),
    watchCommand(end),
    generateTestsCommand(),
    diagramCommand(),
  ]) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  try {
    if (args.length === 0) program.help();
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UsageError || error instanceof UnreachableError) {
      process.stderr.write(`error: ${error.message}\n`);
      return 2;
    }
    if (error instanceof InterruptedError) return 130;
    if (error instanceof RefusedError) {
      process.stderr.write(`error: ${error.message}\n`);
      return 1;
    }
    process.stderr.write(`error: ${oneLine(error instanceof Error ? error.message : String(error))}.\n`);
    return 1;
  }
}
