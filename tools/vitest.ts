import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolEnvironment } from './child.ts';
import { root } from './root.ts';
import type { VitestReport } from './tally.ts';

/** How long the output may stay open after Vitest has ended: only a process that it left behind holds it. */
const LEFT_OPEN_MS = 5_000;

export interface VitestRun {
  /** What came on stdout and on stderr, apart, so that no line is torn by the other stream. */
  readonly stdout: string;
  readonly stderr: string;
  /** "exit code 1" or "SIGKILL"; `undefined` when all is well. */
  readonly ending: string | undefined;
  /** A process that the tests started was still there after them, and held the output open. */
  readonly leftOpen: boolean;
  /** `undefined` when Vitest ended before it wrote one. */
  readonly report: VitestReport | undefined;
}

/** Runs Vitest with these arguments. Its output goes to the terminal as it comes, and into the result. */
export async function runVitest(args: readonly string[]): Promise<VitestRun> {
  const directory = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-test-'));
  const file = join(directory, 'report.json');
  try {
    const options = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const run = await streamed(['run', ...options, ...args]);
    return { ...run, report: await readReport(file) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function streamed(args: readonly string[]): Promise<Omit<VitestRun, 'report'>> {
  const colours = process.stdout.isTTY && process.env['NO_COLOR'] === undefined ? { FORCE_COLOR: '1' } : {};
  const env = { ...toolEnvironment(), ...colours };
  const child = spawn('vitest', args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const collected = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      process[stream].write(text);
      collected[stream] += text;
    });
  }
  // Told to stop, Vitest still reports what it has; this process waits for that.
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGINT', forward).on('SIGTERM', forward);
  try {
    return await new Promise((resolve) => {
      let ending: string | undefined;
      child.on('error', (error) => {
        resolve({ ...collected, ending: error.message, leftOpen: false });
      });
      child.on('exit', (code, signal) => {
        if (code !== 0) ending = signal ?? `exit code ${code}`;
        const leftOpen = setTimeout(() => {
          child.stdout.destroy();
          child.stderr.destroy();
          resolve({ ...collected, ending, leftOpen: true });
        }, LEFT_OPEN_MS);
        child.on('close', () => {
          clearTimeout(leftOpen);
          resolve({ ...collected, ending, leftOpen: false });
        });
      });
    });
  } finally {
    process.off('SIGINT', forward).off('SIGTERM', forward);
  }
}

async function readReport(file: string): Promise<VitestReport | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined; // Vitest died before or while it wrote: whoever asked says so.
  }
}
