import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { compileCache } from '../support/compile-cache.ts';
import { programAt } from '../support/programs.ts';
import type { BotConfig, FromBot, Stop, ToBot } from './messages.ts';

const MAIN = programAt(new URL('./bot-main.ts', import.meta.url));

type Told<Type extends FromBot['type']> = Extract<FromBot, { readonly type: Type }>;

/** A bot in a process of its own. */
export class BotProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #heard: FromBot[] = [];
  readonly #listeners = new Set<(message: FromBot) => void>();
  /** The state it was in last. */
  state: Told<'state'> | undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = once(child, 'exit');
    child.on('message', (message: FromBot) => {
      if (message.type === 'state') this.state = message;
      this.#heard.push(message);
      for (const listener of [...this.#listeners]) listener(message);
    });
  }

  /** Starts a process that has everything loaded and waits to be told to go. */
  static load(): BotProcess {
    const child = fork(MAIN, [], {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { PATH: process.env['PATH'], ...compileCache },
    });
    return new BotProcess(child);
  }

  static start(config: BotConfig): BotProcess {
    const bot = BotProcess.load();
    bot.go(config);
    return bot;
  }

  /** All that it has said, in order. */
  get heard(): readonly FromBot[] {
    return this.#heard;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  go(config: BotConfig): void {
    this.#send({ type: 'go', config });
  }

  goOn(): void {
    this.#send({ type: 'go-on' });
  }

  setClock(offMs: number): void {
    this.#send({ type: 'clock', offMs });
  }

  onMessage(listener: (message: FromBot) => void): void {
    this.#listeners.add(listener);
  }

  /**
   * Resolves with the first message of that type that fits, an earlier one included; of those after `since` messages
   * if that is given. Rejects when the process ends first.
   */
  async says<Type extends FromBot['type']>(
    type: Type,
    fits: (message: Told<Type>) => boolean = () => true,
    since = 0,
  ): Promise<Told<Type>> {
    const isIt = (message: FromBot): message is Told<Type> =>
      message.type === type && fits(message as Told<Type>);
    const earlier = this.#heard.slice(since).find(isIt);
    if (earlier !== undefined) return earlier;
    const { promise, resolve } = Promise.withResolvers<Told<Type>>();
    const listener = (message: FromBot) => {
      if (isIt(message)) resolve(message);
    };
    this.#listeners.add(listener);
    try {
      return await Promise.race([
        promise,
        this.#exited.then(() => {
          throw new Error(`The bot ended before it said "${type}". Its last state: ${this.state?.detail}.`);
        }),
      ]);
    } finally {
      this.#listeners.delete(listener);
    }
  }

  /** Resolves when `start()` has resolved. Rejects when it failed, or when the process ended. */
  async signedIn(): Promise<void> {
    await Promise.race([
      this.says('signed-in'),
      this.says('start-failed').then(({ why }) => {
        throw new Error(`The bot is not signed in: ${why}`);
      }),
    ]);
  }

  /** Resolves when it stands where it was to stop. */
  async stopsAt(stop: Stop): Promise<void> {
    await this.says('stopped-at', (message) => message.stop === stop);
  }

  /** SIGKILL: it cannot react to that. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** SIGSTOP: it does nothing until it is woken. */
  suspend(): void {
    this.#child.kill('SIGSTOP');
  }

  wake(): void {
    this.#child.kill('SIGCONT');
  }

  /** Stops as a bot should, and ends by itself. */
  async stop(): Promise<void> {
    if (this.alive) this.#send({ type: 'stop' });
    await this.#exited;
  }

  #send(message: ToBot): void {
    this.#child.send(message, () => {});
  }
}
