import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs a file of this folder in a process of its own, and reads the JSON that it prints. */
export async function measuredBy<T>(
  file: string,
  args: readonly string[] = [],
  nodeOptions: readonly string[] = ['--expose-gc'],
): Promise<T> {
  const script = fileURLToPath(new URL(file, import.meta.url));
  const { stdout } = await execute(process.execPath, [...nodeOptions, script, ...args]);
  // What a library prints comes before it.
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
}
