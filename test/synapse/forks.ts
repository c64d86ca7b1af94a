import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { GuardedChild } from './child.ts';
import { pythonOf } from './python.ts';

/** What a Synapse is started with: its own folder, the path of its configuration, and of its log. */
export interface Order {
  readonly folder: string;
  readonly config: string;
  readonly log: string;
}

const PROGRAM = fileURLToPath(new URL('./forks.py', import.meta.url));
const LOOK_AGAIN_MS = 20;
const PATIENCE_MS = 5_000;

/** A Synapse that is loaded once and then forked: most of a start is the loading of its Python. */
export class SynapseForks {
  readonly #loaded: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(root: string) {
    const { command, args, env } = pythonOf(root);
    this.#loaded = spawn(command, [...args, PROGRAM], {
      // A Ctrl-C in the terminal is for this process, which then ends it in its own time.
      detached: true,
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    // The pipe breaks when it ends by itself; whoever asks it for something is told.
    this.#loaded.stdin.on('error', () => {});
    this.#lines = createInterface({ input: this.#loaded.stdout })[Symbol.asyncIterator]();
    this.#ended = once(this.#loaded, 'exit');
  }

  /** Starts one, and gives its process id. */
  async fork(order: Order): Promise<number> {
    const asked = this.#turn.then(async () => {
      this.#loaded.stdin.write(`${JSON.stringify(order)}\n`);
      const { value, done } = await this.#lines.next();
      if (done === true) throw new Error('This Synapse cannot be loaded to be forked.');
      return Number(value);
    });
    this.#turn = asked.catch(() => undefined);
    return await asked;
  }

  /** Ends it, and all that were forked. */
  async end(): Promise<void> {
    this.#loaded.stdin.end();
    await this.#ended;
  }
}

/** A forked Synapse, as one that this process started. */
export function forked(pid: number, folder: string): GuardedChild {
  const signal = (name: NodeJS.Signals | 0) => {
    try {
      return process.kill(pid, name);
    } catch {
      return false;
    }
  };
  return {
    ended: () => !signal(0),
    stop: async () => {
      signal('SIGTERM');
      const until = Date.now() + PATIENCE_MS;
      while (signal(Date.now() < until ? 0 : 'SIGKILL')) await delay(LOOK_AGAIN_MS);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
