import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type BotMessage, type BotSettings, GO, TELL_TRAFFIC } from './bot-messages.ts';
import { portTaken, UsageError } from './options.ts';

const MAIN = fileURLToPath(new URL('./bot-main.ts', import.meta.url));

const TOLD_WITHIN_MS = 2_000;

type Messages = { [M in BotMessage as M['type']]: [M] };

/** The bot in a process of its own. What it prints goes where this process prints. */
export class BotProcess extends EventEmitter<Messages> {
  #settings: BotSettings;
  #child: ChildProcess | undefined;

  constructor(settings: BotSettings) {
    super();
    this.#settings = settings;
  }

  /**
   * Starts the process. Resolves with the address of its live page, where it has one; the bot waits for {@link go}.
   * @throws {UsageError} if the port of the page cannot be had
   */
  async start(): Promise<string | undefined> {
    const child = fork(MAIN, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child = child;
    const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
    child.on('message', (message: BotMessage) => {
      if (message.type === 'ready') resolve(message.page);
      else if (message.type === 'no-page')
        reject(new UsageError(portTaken(this.#settings.port ?? 0, message.code)));
      else this.emit(message.type, ...([message] as Messages[typeof message.type]));
    });
    child.on('exit', (code, signal) => {
      reject(new Error(`The process of the bot ended with ${signal ?? `exit code ${code}`}.`));
      // Nobody has asked it to end.
      if (this.#child === child) this.emit('failed', { type: 'failed' });
    });
    child.send(this.#settings);
    const page = await promise.catch(async (error: unknown) => {
      await this.stop();
      throw error;
    });
    // The next process serves its page where this one does, so that a browser finds it again.
    if (page !== undefined) this.#settings = { ...this.#settings, port: Number(new URL(page).port) };
    return page;
  }

  go(): void {
    this.#child?.send(GO);
  }

  /** Resolves when the bot has told what it has received and sent so far, or is not there to tell it. */
  async tellTraffic(): Promise<void> {
    const child = this.#child;
    if (child?.connected !== true) return;
    const told = once(this, 'traffic-told', { signal: AbortSignal.timeout(TOLD_WITHIN_MS) });
    child.send(TELL_TRAFFIC);
    await told.catch(() => undefined);
  }

  /** Kills the process with SIGKILL, and starts the next one on the same stored session. */
  async killAndRestart(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    child.kill('SIGKILL');
    await ended(child);
    await this.start();
    // Whoever asked for it says so first.
    setImmediate(() => this.go());
  }

  /** Ends the bot; its session stays valid. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.connected === true) child.disconnect();
    if (child !== undefined) await ended(child);
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
