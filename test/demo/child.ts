import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { root } from '../../tools/root.ts';

export interface Demo {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** What it has printed so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves when it has ended with this exit code; rejects, with what it printed, if it ended otherwise. */
  exits(code: number): Promise<void>;
  /** Resolves when the output holds this. */
  prints(pattern: RegExp): Promise<void>;
}

/** `npm start -- …`, on a pipe, without this process's credentials and colours. */
export function startDemo(args: readonly string[], env: Readonly<Record<string, string>> = {}): Demo {
  const { FORCE_COLOR: _, ACCESS_TOKEN: __, ...inherited } = process.env;
  const child = spawn(process.execPath, ['demo/start.ts', ...args], {
    cwd: root,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const printed = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text;
      for (const watcher of watchers) watcher();
    });
  }
  const everything = () => `${printed.stdout}${printed.stderr}`;
  const ended = once(child, 'close').then(([code, signal]) => String(code ?? signal));
  return {
    child,
    get stdout() {
      return printed.stdout;
    },
    get stderr() {
      return printed.stderr;
    },
    async exits(code) {
      const ending = await ended;
      if (ending !== String(code)) throw new Error(`It ended with ${ending}, not ${code}:\n${everything()}`);
    },
    prints: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(printed.stdout)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
        child.on('close', () => {
          reject(new Error(`It ended without printing ${String(pattern)}:\n${everything()}`));
        });
      }),
  };
}
