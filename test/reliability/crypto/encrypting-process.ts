import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { compileCache } from '../../support/compile-cache.ts';
import { programAt } from '../../support/programs.ts';
import type { Encrypted, Told } from './encrypting-main.ts';

const MAIN = programAt(new URL('./encrypting-main.ts', import.meta.url));

/** A process that encrypts, until it is killed. */
export class EncryptingProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #ready: Promise<void>;
  /** What it has encrypted, in order. */
  readonly encrypted: Encrypted[] = [];
  failure: string | undefined;
  #killed = false;
  readonly #watchers = new Set<() => void>();

  /** Starts one that has everything loaded, and waits for its file. */
  constructor() {
    this.#child = fork(MAIN, [], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { PATH: process.env['PATH'], ...compileCache },
    });
    this.#exited = once(this.#child, 'exit');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#ready = promise;
    promise.catch(() => undefined);
    this.#child.on('exit', () => {
      this.failure ??= this.#killed ? undefined : 'it has ended by itself';
      reject(new Error('It has ended.'));
      for (const watcher of this.#watchers) watcher();
    });
    this.#child.on('message', (told: Told) => {
      if (told.type === 'ready') resolve();
      else if (told.type === 'failed') this.failure = told.why;
      else this.encrypted.push(told);
      for (const watcher of this.#watchers) watcher();
    });
  }

  async begin(file: string): Promise<void> {
    await this.#ready;
    this.#child.send(file);
  }

  /** Resolves when it has encrypted something. @throws if it could not */
  async works(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (this.failure !== undefined) reject(new Error(this.failure));
        else if (this.encrypted.length > 0) resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** SIGKILL: it cannot react to that. */
  async kill(): Promise<void> {
    this.#killed = true;
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
