import type { RecordedRequest } from '../proxy/recorded-request.ts';
import type { BotUnderTest } from './bot.ts';
import { Questions } from './questions.ts';
import { redact } from '../../ports/redact.ts';
import { applyStep } from './apply-step.ts';
import type { AuthPath, Step } from './plan.ts';
import { type TestEnvironment, startEnvironment } from './environment.ts';
import { requestText, type Silence, type Trace } from './trace.ts';
import { within } from './within.ts';

/** A trace of the bot, or why there could be none. */
export type PathOutcome =
  | { readonly trace: Trace }
  | { readonly notStarted: string; readonly requests: readonly RecordedRequest[] };

/** How long a second answer to the same message may take. */
const SETTLE_MS = 500;
const STOP_MS = 20_000;
/** How often it is greeted before it is given up. */
const GREETINGS = 3;

/** Starts the bot in an environment of its own, carries out the steps, and stops it. */
export async function runPath<Handle>(path: AuthPath, bot: BotUnderTest<Handle>): Promise<PathOutcome> {
  await using environment = await startEnvironment(path);
  const { startTimeoutMs = 30_000 } = bot;
  let handle: Handle;
  try {
    const started = Promise.resolve(bot.start(environment.account));
    handle = await within(started, startTimeoutMs, `its start took more than ${startTimeoutMs} ms`);
  } catch (error) {
    return {
      notStarted: `it did not start: ${redact(String(error))}`,
      requests: [...environment.proxy.requests],
    };
  }
  try {
    return await new BotWalk(path, bot, handle, environment).run();
  } finally {
    // A bot that is stopped while the homeserver is away may wait for it.
    environment.proxy.clear();
    await environment.proxy.back();
    await within(Promise.resolve(bot.stop?.(handle)), STOP_MS, `The bot's stop took more than ${STOP_MS} ms`);
  }
}

class BotWalk<Handle> {
  readonly #path: AuthPath;
  readonly #bot: BotUnderTest<Handle>;
  readonly #environment: TestEnvironment;
  readonly #questions: Questions;
  readonly #patienceMs: number;
  /** Resolves when the bot has ended; never if it does not. */
  readonly #end: Promise<void>;
  #how: string | undefined;
  readonly #silences: Silence[] = [];
  /** The message from which on answers are still awaited. */
  #from = 0;

  constructor(path: AuthPath, bot: BotUnderTest<Handle>, handle: Handle, environment: TestEnvironment) {
    this.#path = path;
    this.#bot = bot;
    this.#environment = environment;
    this.#patienceMs = bot.patienceMs ?? 20_000;
    this.#questions = new Questions(environment, bot, this.#patienceMs, () => this.#ended !== undefined);
    const { promise: never } = Promise.withResolvers<string>();
    this.#end = (bot.ended?.(handle) ?? never).then((how) => {
      this.#how = redact(how);
    });
  }

  /** How the bot has ended, if it has: asked anew each time, as it may happen during any wait. */
  get #ended(): string | undefined {
    return this.#how;
  }

  async run(): Promise<PathOutcome> {
    const { homeserver, proxy, account } = this.#environment;
    const trouble = await this.#begin();
    if (trouble !== undefined) return { notStarted: trouble, requests: [...proxy.requests] };
    const greetings = this.#questions.asked;
    this.#from = greetings.length;
    const devices = homeserver.devices(account.userId);
    const begunAt = Date.now();
    for (const step of this.#path.steps) {
      await this.#take(step);
      if (this.#ended !== undefined || this.#silences.at(-1)?.answeredLater === false) break;
    }
    if (this.#ended === undefined) await this.#questions.listenFor(SETTLE_MS);
    return {
      trace: {
        path: this.#path,
        requests: proxy.requests.filter(({ at }) => at >= begunAt).map((request) => ({ ...request })),
        asked: this.#questions.asked.slice(greetings.length),
        usualAnswers: Math.max(...greetings.map(({ answers }) => answers)),
        silences: this.#silences,
        newDevices: homeserver.devices(account.userId).filter((id) => !devices.includes(id)).length,
        ...(this.#ended === undefined ? {} : { ended: this.#ended }),
        endedAt: Date.now(),
      },
    };
  }

  /** Waits until the bot is there, and asks it something. Returns what is wrong. */
  async #begin(): Promise<string | undefined> {
    const { proxy } = this.#environment;
    const { startTimeoutMs = 30_000 } = this.#bot;
    // A message that comes before the first sync is history to many bots.
    const synced = proxy.waitFor(
      ({ path, query }) => path.endsWith('/sync') && query['since'] !== undefined,
      { phase: 'start', timeoutMs: startTimeoutMs },
    );
    const ready = await Promise.race([synced.then(() => true), this.#end]).catch(() => false);
    if (this.#ended !== undefined) return `it ended before it was ready: ${this.#ended}`;
    if (!ready) {
      return proxy.requests.length === 0
        ? `it sent no request to ${this.#environment.account.homeserverUrl} within ${startTimeoutMs} ms: let it use the homeserver's URL that "start" is given`
        : `it had not synced ${startTimeoutMs} ms after its start`;
    }
    // A bot that has synced may not listen yet: what comes too early is history to it.
    for (let greeting = 1; greeting <= GREETINGS; greeting++) {
      const patienceMs = greeting < GREETINGS ? this.#patienceMs / GREETINGS : this.#patienceMs;
      await this.#questions.say('before anything was done to it');
      await this.#questions.answered({ from: greeting - 1, patienceMs });
      if (this.#how !== undefined) return `it ended before anything was done to it: ${this.#how}`;
      if (this.#questions.asked.every(({ answers }) => answers === 0)) continue;
      await this.#questions.listenFor(SETTLE_MS);
      return undefined;
    }
    const last = proxy.requests.at(-1);
    const seen = last === undefined ? '' : ` Its last request was ${requestText(last)}.`;
    return `it did not answer within ${this.#patienceMs} ms, before anything was done to it: set "question" to a message that it answers, and "isAnswer" or "probe" if its answer neither replies to that message nor holds its text.${seen}`;
  }

  async #take(step: Step): Promise<void> {
    if (step.do === 'let time pass') return this.#questions.listenFor(step.ms);
    if (step.do === 'say') return this.#questions.say(step.when, step.unanswered);
    if (step.do === 'await answers') return this.#expectAnswers(step.when);
    if (step.do !== 'ask') return applyStep(step, this.#environment);
    await this.#questions.say(step.when);
    return this.#expectAnswers(step.when);
  }

  async #expectAnswers(when: string): Promise<void> {
    if ((await this.#questions.answered({ from: this.#from })) || this.#ended !== undefined) return;
    // One message lost, or silent for good? The next one tells.
    this.#from = this.#questions.asked.length;
    await this.#questions.say(when);
    const answeredLater = await this.#questions.answered({
      from: this.#from,
      patienceMs: this.#patienceMs / 2,
    });
    this.#silences.push({ when, waitedMs: this.#patienceMs, answeredLater });
  }
}
