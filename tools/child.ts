import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { root } from './root.ts';

/** The environment of a child in which the tools of this repository come first, its own Node among them. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter) };
}

export interface Finished {
  readonly ok: boolean;
  readonly stdout: string;
  /** Stdout and stderr in the order in which they came. */
  readonly output: string;
}

/** Runs a command to its end and keeps what it prints. It does not reject: a command that cannot start is not `ok`. */
export async function run(command: string, args: readonly string[], cwd: string = root): Promise<Finished> {
  const child = spawn(command, args, { cwd, env: toolEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return new Promise((resolve) => {
    child.on('error', (error) => {
      resolve({ ok: false, stdout, output: `${output}${command} did not start: ${error.message}\n` });
    });
    child.on('close', (code, signal) => {
      const ending = signal === null ? '' : `${command} was ended by ${signal}\n`;
      resolve({ ok: code === 0, stdout, output: output + ending });
    });
  });
}
