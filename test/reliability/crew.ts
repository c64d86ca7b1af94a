import { setTimeout as delay } from 'node:timers/promises';
import { BotProcess } from './bot-process.ts';
import type { Ledger } from './ledger.ts';
import type { BotConfig } from './messages.ts';

/** When a bot was awake and at work, in ms of the monotonic clock. */
interface Shift {
  readonly bot: BotProcess;
  readonly from: number;
  to: number;
}

/** The bots of one session. */
export class Crew {
  readonly #config: BotConfig;
  readonly #ledger: Ledger;
  readonly #shifts: Shift[] = [];
  #bots: BotProcess[] = [];
  #spare: BotProcess | undefined;

  constructor(config: BotConfig, ledger: Ledger) {
    this.#config = config;
    this.#ledger = ledger;
  }

  get bots(): readonly BotProcess[] {
    return this.#bots;
  }

  async fill(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#join()));
  }

  /** Kills a bot; another takes its place. */
  async replace(bot: BotProcess): Promise<void> {
    this.#bots = this.#bots.filter((other) => other !== bot);
    this.#endShift(bot);
    await bot.kill();
    await this.#join();
  }

  async suspend(bot: BotProcess, forMs: number): Promise<void> {
    this.#endShift(bot);
    bot.suspend();
    await delay(forMs);
    bot.wake();
    const since = bot.heard.length;
    await bot.says('answer', ({ status }) => status === 200, since);
    this.#beginShift(bot);
  }

  /** Resolves when all have the same session. */
  async agree(): Promise<void> {
    const agreed = Promise.withResolvers<void>();
    const check = () => {
      const generations = new Set(this.#bots.map(generationOf));
      if (generations.size === 1 && !generations.has(0)) agreed.resolve();
    };
    for (const bot of this.#bots) bot.onMessage(check);
    check();
    await agreed.promise;
  }

  async stop(): Promise<void> {
    await this.#spare?.kill();
    await Promise.all(
      this.#bots.map(async (bot) => {
        this.#endShift(bot);
        // One that is suspended can't stop by itself.
        bot.wake();
        await bot.stop();
      }),
    );
  }

  /** The longest that any bot took, from when another told of a new session until it had it or a later one. */
  longestLagMs(): number {
    const lags = this.#ledger.renewals.flatMap(({ generation, at }) =>
      this.#shifts
        .filter(({ from, to }) => from <= at && at < to)
        .map(({ bot, to }) => {
          const got = bot.heard.find((said) => said.type === 'session' && said.generation >= generation);
          // One that was killed or suspended before it had it says nothing.
          return got?.type === 'session' && got.at < to ? Math.max(0, got.at - at) : 0;
        }),
    );
    return Math.max(0, ...lags);
  }

  async #join(): Promise<void> {
    const bot = this.#spare ?? BotProcess.load();
    this.#spare = undefined;
    this.#ledger.follow(bot);
    bot.go(this.#config);
    this.#bots.push(bot);
    await bot.signedIn();
    this.#beginShift(bot);
    this.#spare ??= BotProcess.load();
  }

  #beginShift(bot: BotProcess): void {
    this.#shifts.push({ bot, from: now(), to: Number.POSITIVE_INFINITY });
  }

  #endShift(bot: BotProcess): void {
    for (const shift of this.#shifts) if (shift.bot === bot) shift.to = Math.min(shift.to, now());
  }
}

function generationOf(bot: BotProcess): number {
  return bot.state?.generation ?? 0;
}

function now(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
