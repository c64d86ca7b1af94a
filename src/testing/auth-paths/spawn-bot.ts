import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { BotUnderTest } from './bot.ts';
import { redact } from '../../ports/redact.ts';

/** A bot that runs as a process of its own. */
export interface SpawnedBot {
  readonly process: ChildProcess;
  /** Resolves when the process has ended, with how it ended and the last that it wrote to standard error. */
  readonly ended: Promise<string>;
}

export interface SpawnBotOptions {
  /** The working directory. Default: that of this process. */
  readonly cwd?: string;
  /** Further environment variables; they win over the account's and those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where the bot's output goes: `inherit` shows it, `ignore` drops it. Default `ignore`. */
  readonly output?: 'inherit' | 'ignore';
  /** How long the process may take to end after SIGTERM before it is killed, in milliseconds. Default 5,000. */
  readonly killAfterMs?: number;
}

const KEPT = 2_000;

/**
 * A bot that is started from a command line, in any language. Its account is in the environment: `HOMESERVER_URL`,
 * `MATRIX_USERNAME`, `MATRIX_PASSWORD`, `ACCESS_TOKEN`, `MATRIX_REFRESH_TOKEN`, `MATRIX_DEVICE_ID`. It is stopped with
 * SIGTERM.
 *
 * ```ts
 * describeAuthPaths({ ...spawnBot('python3', ['bot.py']), concurrent: true });
 * ```
 */
export function spawnBot(
  command: string,
  args: readonly string[] = [],
  options: SpawnBotOptions = {},
): Required<Pick<BotUnderTest<SpawnedBot>, 'start' | 'stop' | 'ended'>> {
  const { cwd, env = {}, output = 'ignore', killAfterMs = 5_000 } = options;
  return {
    start: async (account) => {
      const child = spawn(command, args, {
        ...(cwd === undefined ? {} : { cwd }),
        env: { ...process.env, ...account.env, ...env },
        stdio: ['ignore', output, 'pipe'],
      });
      let written = '';
      child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
        written = (written + chunk).slice(-KEPT);
        if (output === 'inherit') process.stderr.write(chunk);
      });
      // 'close' comes when all that it wrote has arrived.
      const ended = once(child, 'close').then(([code, signal]) => {
        const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
        const last = redact(written).trim().split('\n').slice(-5).join('\n    ');
        return last === '' ? how : `${how}; the last that it wrote to standard error:\n    ${last}`;
      });
      // A command that cannot be run is an error of the start.
      ended.catch(() => undefined);
      await once(child, 'spawn');
      return { process: child, ended };
    },
    ended: ({ ended }) => ended,
    stop: async ({ process: child, ended }) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      child.kill('SIGTERM');
      await ended.finally(() => clearTimeout(timer));
    },
  };
}
