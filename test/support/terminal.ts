import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { onTestFinished } from 'vitest';

/** `script` gives a program a terminal of its own. `undefined`: it is there. */
export const missingTerminal =
  spawnSync('script', ['--version']).status === 0 ? undefined : 'there is no script of util-linux';

export interface InTerminal {
  type(keys: string): void;
  /** Resolves when the terminal shows this; what it showed before counts. */
  shows(pattern: RegExp): Promise<void>;
  /** Everything that it has shown. */
  readonly shown: string;
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;
}

/** Node with these arguments, in a terminal of its own. */
export function startInTerminal(args: readonly string[], cwd: string): InTerminal {
  const { FORCE_COLOR: _, ACCESS_TOKEN: __, ...env } = process.env;
  const command = [process.execPath, ...args].join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let shown = '';
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += stripVTControlCharacters(text).replaceAll('\r', '');
    for (const watcher of watchers) watcher();
  });
  const ended = once(child, 'close').then(([code]) => Number(code));
  return {
    type: (keys) => void child.stdin.write(keys),
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => pattern.test(shown) && resolve();
        watchers.add(look);
        look();
        void ended.then(() => reject(new Error(`It ended without showing ${String(pattern)}:\n${shown}`)));
      }),
    get shown() {
      return shown;
    },
    ended,
  };
}
