// `npm start`: see `help` in options.ts, or run it with `-- --help`.
import { AuthFailedError, CredentialsError, HomeserverAddressError } from '../src/index.ts';
import { HomeserverUnavailableError } from './homeservers.ts';
import { type DemoOptions, help, readOptions, UsageError } from './options.ts';

const print = (text: string) => {
  process.stdout.write(`${text}\n`);
};

/** Resolves with the exit code. */
async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options.help) {
      print(help);
      return 0;
    }
    return (await run(options)) ? 0 : 1;
  } catch (error) {
    const code = exitCodeOf(error);
    if (code === undefined) throw error;
    process.stderr.write(`${(error as Error).message}\n`);
    if (code === 2) process.stderr.write('npm start -- --help shows what can be given.\n');
    return code;
  }
}

async function run(options: DemoOptions): Promise<boolean> {
  const interruption = new AbortController();
  const interrupt = (): undefined => {
    if (interruption.signal.aborted) process.exit(130);
    interruption.abort();
  };
  // Once: a second Ctrl-C ends the process as usual.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, interrupt);
  const stage = { print, interrupted: interruption.signal, interrupt };
  // Only now: these take a second to load, and a wrong flag is to be told at once.
  if (options.fleet !== undefined) {
    const { fleet } = await import('./fleet.ts');
    return await fleet(options.fleet, options, stage);
  }
  if (options.homeserver === undefined) {
    const { play } = await import('./play.ts');
    return await play(options, stage);
  }
  const { visit } = await import('./visit.ts');
  return await visit(options.homeserver, options, stage);
}

/** `undefined` for a bug, which is to be seen with its stack. */
function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof UsageError || error instanceof CredentialsError) return 2;
  if (error instanceof HomeserverAddressError) return 2;
  if (error instanceof HomeserverUnavailableError || error instanceof AuthFailedError) return 1;
  return undefined;
}

// What an SDK leaves behind, such as a timer, is not to keep the process.
process.exit(await main());
