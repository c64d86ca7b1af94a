import { credentials } from '../../src/index.ts';
import { authCases } from '../../src/machines/auth/model/cases.ts';
import { authMachine } from '../../src/machines/index.ts';
import { marked } from '../../src/statechart/paths/edges.ts';
import { PlanExplorer } from '../../src/statechart/paths/explore.ts';
import { happen } from './happen.ts';
import { HeldBot, type Remains } from './held-bot.ts';
import { checkAtEnd } from './invariants.ts';
import { type Account, DEVICE, makeAccount, type Stage } from './stage.ts';

const walker = new PlanExplorer(marked(authMachine), { cases: authCases });
const beginning = ['session restored', 'identified', 'connected'];
const KILLED = 'killed and started again';

/** The same to the machine, and something else on the way. */
const variants: Readonly<Record<string, string>> = {
  'answer to the refresh lost': 'refresh out of reach',
  'answer to the login lost': 'login out of reach',
};

/** What leads a bot back to where it is well. */
const ways = [
  ...beginning,
  'refresh accepted',
  'login accepted',
  'token refused by whoami',
  'unlocked',
  'token refused after the lock',
  'token found dead',
  'backoff over',
  'client pause over',
  'breaker cooled',
  'probe due',
];

const takesToken = new Set(['identified', 'unlocked', 'token found alive']);
const refusesToken = new Set(['token refused by whoami', 'token refused after the lock', 'token found dead']);

/** What may happen in a story, each without regard to what happened before. */
export const happeningsOfStories: readonly string[] = [
  ...ways,
  ...Object.keys(variants),
  'refresh refused',
  'refresh out of reach',
  'refresh rate limited',
  'refresh threw',
  'another process had refreshed',
  'login out of reach',
  'login threw',
  'whoami out of reach',
  'whoami rate limited',
  'still locked',
  'probe out of reach',
  'token rejected',
  'account locked',
  'refresh asked for',
  'retry asked for',
  'client died',
  'newer session adopted',
  'renewal due',
  'token about to expire',
  KILLED,
];

/** The whole module, from its first connection on, and what happens to it. */
export class Story {
  /** What has happened so far since the first connection. */
  readonly told: string[] = [];
  readonly edges = new Set<string>();
  readonly #stage: Stage;
  readonly #account: Account;
  #bot: HeldBot;
  #said = 0;
  #logins = 0;

  static async begin(stage: Stage): Promise<Story> {
    const story = new Story(stage, await makeAccount(stage, true));
    for (const name of beginning) if (story.#move(name) !== undefined) await story.#happens(name);
    return story;
  }

  private constructor(stage: Stage, account: Account) {
    this.#stage = stage;
    this.#account = account;
    this.#bot = this.#start();
  }

  /** Whether this can happen now. */
  can(name: string): boolean {
    const { snapshot, client, clientCanDie } = this.#bot;
    if (name === KILLED) return true;
    // A request is sent again once with each token: where the next lock comes at once, it gets that refusal.
    if (name === 'account locked' && this.told.includes(name)) return false;
    // One question answers every refusal: another one changes nothing.
    if (/^(token rejected|account locked)$/.test(name) && snapshot.context.token.doubted) return false;
    if (takesToken.has(name) && this.#bot.tokenIsDead) return false;
    if (refusesToken.has(name) && !this.#bot.tokenIsDead) return false;
    if (this.#move(name) === undefined) return false;
    // There is no session yet that anything else could happen to.
    if (snapshot.matches('restoring')) return name === 'session restored';
    if (name === 'newer session adopted') return !snapshot.matches('locked');
    if (name === 'client died') return client.client !== undefined && clientCanDie;
    // The login budget is five.
    if (name === 'refresh refused') return this.#loginsTried < 3;
    if (name.includes('login') && name !== 'login accepted') return this.#loginsTried < 3;
    return true;
  }

  /** @throws Error that says what has happened if it cannot happen, or if something does not hold after it */
  async happens(name: string): Promise<void> {
    this.told.push(name);
    if (name !== KILLED) return await this.#happens(name);
    this.#logins = this.#loginsTried;
    this.#bot = this.#start(await this.#bot.kill());
  }

  /** Leads the bot back to where it is well, and looks whether all is there. */
  async end(): Promise<void> {
    for (let step = 0; step < 30 && !this.#bot.snapshot.matches('valid'); step += 1) {
      const way = ways.find((name) => this.can(name));
      if (way === undefined) break;
      await this.#happens(way);
    }
    if (!this.#bot.snapshot.matches('valid')) throw new Error(`It ended in ${this.#bot.values.at(-1)}.`);
    await checkAtEnd(this.#bot, this.#said, { killed: this.told.includes(KILLED) });
  }

  async close(): Promise<void> {
    for (const edge of this.#bot.edges) this.edges.add(edge);
    await this.#bot.stop();
    this.#stage.proxy.clear();
  }

  get #loginsTried(): number {
    return this.#logins + this.#bot.http.sent.filter(({ path }) => path === '/login').length;
  }

  #move(name: string) {
    return walker.movesIn(this.#bot.snapshot).find((move) => move.name === (variants[name] ?? name));
  }

  async #happens(name: string): Promise<void> {
    const move = this.#move(name);
    if (move === undefined) {
      const can = happeningsOfStories.filter((each) => this.can(each)).join(', ');
      throw new Error(`"${name}" cannot happen in ${this.#bot.values.at(-1)}, but: ${can}.`);
    }
    await happen(this.#bot, { name, on: move.on, type: move.type, at: this.told.join(', ') });
    if (name !== 'connected') return;
    this.#said += 1;
    await this.#stage.alice.say(this.#account.roomId, `message ${this.#said}`);
  }

  #start(left?: Remains): HeldBot {
    for (const edge of left === undefined ? [] : this.#bot.edges) this.edges.add(edge);
    const { localpart: username, password } = this.#account;
    const bot = new HeldBot({
      stage: this.#stage,
      account: this.#account,
      credentials: credentials({ username, password, deviceId: DEVICE }),
      withoutClient: false,
      knowsDevice: true,
      homeserverIsLate: false,
      ...(left && { left }),
    });
    bot.turnstile.next({ closed: true });
    bot.auth.start().catch(() => undefined);
    return bot;
  }
}

/** Tells a story from its script. @throws Error with what happened, if something does not hold */
export async function tell(script: Iterable<string>, stage: Stage): Promise<Story> {
  const story = await Story.begin(stage);
  try {
    for (const name of script) await story.happens(name);
    await story.end();
  } finally {
    await story.close();
  }
  return story;
}
