import { statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { UsageError } from '../errors.ts';
import { oneLine } from '../words.ts';

const EXTENSIONS: ReadonlySet<string> = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts']);

/**
 * The machine that `file.js#export` names; without `#export` the default export.
 * @throws {UsageError} if there is no such file, it cannot be loaded, or there is no machine of that name in it
 */
export async function loadMachine(address: string): Promise<AnyStateMachine> {
  const [file = '', name = 'default'] = address.split('#', 2);
  checkFile(file);
  const module = await load(file);
  const machine = module[name];
  if (isMachine(machine)) return machine;
  const machines = Object.keys(module).filter((key) => isMachine(module[key]));
  throw new UsageError(
    `--machine: the export "${name}" of ${file} is ${name in module ? 'no state machine of XState 5' : 'not there'}. ` +
      (machines.length > 0
        ? `Machines in it: ${machines.map((key) => `${file}#${key}`).join(', ')}.`
        : 'No export of it is one: export what createMachine() or setup().createMachine() returns.'),
  );
}

function checkFile(file: string): void {
  if (file === '') {
    throw new UsageError('--machine names no file. Give a module, such as dist/bot-machine.js#botMachine.');
  }
  const path = resolve(file);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new UsageError(`--machine: there is no file ${path}. Look at the path.`);
  if (!found.isFile()) throw new UsageError(`--machine: ${path} is no file. Give the module itself.`);
  if (!EXTENSIONS.has(extname(file))) {
    throw new UsageError(
      `--machine: ${file} is no module. Give a JavaScript or TypeScript file (${[...EXTENSIONS].join(', ')}).`,
    );
  }
}

async function load(file: string): Promise<Readonly<Record<string, unknown>>> {
  // The module is another program's code: it may end the process, or wait for ever for something that never comes.
  const ended = () => {
    process.stderr.write(
      `error: --machine: ${file} ended the process, or waited for something that never came, while it was loaded. Put the machine into a module of its own.\n`,
    );
    process.exitCode = 2;
  };
  process.once('exit', ended);
  try {
    return await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    throw new UsageError(`--machine: ${file} ${faultOf(error, file)}`, { cause: error });
  } finally {
    process.off('exit', ended);
  }
}

/** Why a module could not be loaded, and what to do. */
function faultOf(error: unknown, file: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const message = error instanceof Error ? error.message : '';
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
    const [, missing = 'something'] = /Cannot find (?:package|module) '([^']+)'/.exec(message) ?? [];
    return `imports ${missing}, which is not there. Install or build it first.`;
  }
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' || code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return 'holds TypeScript that Node cannot run by removing the types. Compile it, and give the compiled file.';
  }
  if (error instanceof SyntaxError) {
    return `has a syntax error, or imports a name that is not exported. Run "node ${file}" to see where.`;
  }
  const thrown = error instanceof Error ? `${error.name}: ${message}` : String(error);
  return `threw while it was loaded: ${oneLine(thrown)}. Run "node ${file}" to see where.`;
}

/** By its shape: the module may come with an XState of its own. */
function isMachine(value: unknown): value is AnyStateMachine {
  return (
    typeof value === 'object' &&
    value !== null &&
    'root' in value &&
    'config' in value &&
    'implementations' in value
  );
}
