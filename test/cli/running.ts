import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { root } from '../../tools/root.ts';
import { cliMain } from '../support/cli-main.ts';

export interface RunningCli {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves when what it has printed on either stream fits. */
  prints(fits: RegExp): Promise<void>;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

export interface CliOptions {
  /** In addition to that of the tests. */
  readonly env?: Record<string, string>;
  readonly node?: readonly string[];
  readonly cwd?: string;
  /** What it reads. Default: nothing. */
  readonly input?: string;
}

/** The command line in a process of its own. */
export function startCli(
  args: readonly string[],
  { env = {}, node = [], cwd = root, input = '' }: CliOptions = {},
): RunningCli {
  const { AUTH_PAGE_TOKEN: _, DATABASE_URL: __, FORCE_COLOR: ___, ...inherited } = process.env;
  const child = spawn(process.execPath, [...node, cliMain, ...args], {
    cwd,
    env: { ...inherited, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // It may end before it has read everything.
  child.stdin.on('error', () => undefined).end(input);
  onTestFinished(() => void child.kill('SIGKILL'));
  const printed = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text;
      for (const watcher of [...watchers]) watcher();
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  return {
    child,
    ended,
    get stdout() {
      return printed.stdout;
    },
    get stderr() {
      return printed.stderr;
    },
    prints: (fits) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!fits.test(printed.stdout) && !fits.test(printed.stderr)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
        child.on('close', () =>
          reject(new Error(`It ended without ${String(fits)}:\n${printed.stdout}${printed.stderr}`)),
        );
      }),
  };
}

export interface Ran {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** The same, to its end. */
export async function runCliProcess(...given: Parameters<typeof startCli>): Promise<Ran> {
  const running = startCli(...given);
  const code = await running.ended;
  return { code, stdout: running.stdout, stderr: running.stderr };
}
