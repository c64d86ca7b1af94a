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

/** Where root keeps none of its rights to files, for a command after it. */
const PLAIN_RIGHTS = ['dac_override', 'dac_read_search'].map((right) => `-${right}`).join(',');

/** What to put before a command so that it may read and write what any user may, even if this process is root's. */
export const withPlainRights: readonly string[] =
  process.getuid?.() === 0 ? ['setpriv', `--bounding-set=${PLAIN_RIGHTS}`, `--inh-caps=${PLAIN_RIGHTS}`] : [];

/** Runs Node with these arguments; does not throw on a failure. `before` is put before its command. */
export function runNode(cwd: string, args: readonly string[], before: readonly string[] = []): Promise<Ran> {
  // What Vitest tells its workers is not for a Vitest that is started by one.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_ENV$/.test(name)),
  );
  const [command = '', ...all] = [...before, process.execPath, ...args];
  return new Promise((resolve) => {
    execFile(command, all, { cwd, env: { ...env, NO_COLOR: '1' } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}
