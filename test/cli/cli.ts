import { execFile } from 'node:child_process';
import { vi } from 'vitest';
import { runCli } from '../../src/cli/run-cli.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in this process. */
export async function cli(...args: readonly string[]): Promise<Ran> {
  const heard = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      heard[stream] += String(chunk);
      return true;
    }),
  );
  try {
    return { code: await runCli(args), ...heard };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** Runs Node with these arguments; does not throw on a failure. */
export function runNode(cwd: string, args: readonly string[]): Promise<Ran> {
  // What Vitest tells its workers is not for a Vitest that is started by one.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_ENV$/.test(name)),
  );
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, env: { ...env, NO_COLOR: '1' } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}
