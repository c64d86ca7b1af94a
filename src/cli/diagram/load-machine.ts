import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { UsageError } from '../usage-error.ts';

/**
 * The machine that `file.js#export` names; without `#export` the default export.
 * @throws {UsageError} if there is no such file, or no machine of that name in it; Error if the module cannot be loaded
 */
export async function loadMachine(address: string): Promise<AnyStateMachine> {
  const [file = '', name = 'default'] = address.split('#', 2);
  const path = resolve(file);
  if (!existsSync(path)) throw new UsageError(`--machine: there is no file ${path}.`);
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(pathToFileURL(path).href);
  } catch (error) {
    throw new Error(`${file} could not be loaded: ${String(error)}`, { cause: error });
  }
  const machine = module[name];
  if (isMachine(machine)) return machine;
  const machines = Object.keys(module).filter((key) => isMachine(module[key]));
  throw new UsageError(
    `--machine: the export "${name}" of ${file} is ${name in module ? 'no state machine of XState 5' : 'not there'}. ` +
      (machines.length > 0
        ? `Machines in it: ${machines.map((key) => `${file}#${key}`).join(', ')}.`
        : 'No export of it is one.'),
  );
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
