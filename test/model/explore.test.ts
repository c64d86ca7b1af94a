import fc from 'fast-check';
import { afterAll, beforeAll, it, vi } from 'vitest';
import { credentials } from '../../src/index.ts';
import { authCases } from '../../src/machines/auth/cases.ts';
import { authMachine } from '../../src/machines/index.ts';
import { marked } from '../../src/machines/paths/edges.ts';
import { Walker } from '../../src/machines/paths/explore.ts';
import { happen } from './happen.ts';
import { HeldBot } from './held-bot.ts';
import { checkAtEnd } from './invariants.ts';
import { DEVICE, makeAccount, type Stage, startStage } from './stage.ts';

vi.mock('../../src/machines/clock.ts', () => import('./held-wall-clock.ts'));

const RUNS = Number(process.env['MODEL_RUNS'] ?? 15);
const walker = new Walker(marked(authMachine), { cases: authCases });
const beginning = ['session restored', 'identified', 'connected'];

/** What may happen at random, each without regard to what happened before. */
const faults = [
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
];
/** What leads a bot back to where it is well. */
const ways = [
  'refresh accepted',
  'login accepted',
  'identified',
  'unlocked',
  'connected',
  'backoff over',
  'breaker cooled',
  'probe due',
];

class Story {
  readonly #bot: HeldBot;
  readonly #stage: Stage;
  readonly told: string[] = [];
  #said = 0;

  constructor(bot: HeldBot, stage: Stage) {
    this.#bot = bot;
    this.#stage = stage;
  }

  #moves(names: readonly string[]) {
    const { snapshot, http } = this.#bot;
    const locked = snapshot.matches('locked');
    // The login budget is five.
    const poor = http.sent.filter(({ path }) => path === '/login').length > 2;
    const never = [
      ...(locked ? ['newer session adopted'] : []),
      ...(poor ? ['refresh refused'] : []),
      ...(this.#bot.clientCanDie ? [] : ['client died']),
    ];
    return walker
      .movesIn(snapshot)
      .filter(({ name }) => names.includes(name) && !never.includes(name))
      .filter(({ name }) => !(poor && name.startsWith('login ') && name !== 'login accepted'));
  }

  /** Whether anything of this can happen now. */
  async goesOn(names: readonly string[], choice = 0): Promise<boolean> {
    const moves = this.#moves(names);
    const move = moves[choice % moves.length];
    if (move === undefined) return false;
    const { name, on, type } = move;
    this.told.push(name);
    await happen(this.#bot, { name, on, type, at: this.told.join(', ') });
    if (name === 'connected') {
      this.#said += 1;
      await this.#stage.alice.say(this.#bot.account.roomId, `message ${this.#said}`);
    }
    return true;
  }

  async end(): Promise<void> {
    for (let step = 0; step < 30 && !this.#bot.snapshot.matches('valid'); step += 1) await this.goesOn(ways);
    if (!this.#bot.snapshot.matches('valid')) throw new Error(`It ended in ${this.#bot.values.at(-1)}.`);
    await checkAtEnd(this.#bot, this.#said);
  }
}

async function tell(choices: readonly number[], stage: Stage): Promise<void> {
  const account = await makeAccount(stage, true);
  const { localpart: username, password } = account;
  const given = credentials({ username, password, deviceId: DEVICE });
  const made = { withoutClient: false, knowsDevice: true, homeserverIsLate: false };
  const bot = new HeldBot({ stage, account, credentials: given, ...made });
  const story = new Story(bot, stage);
  try {
    bot.turnstile.next({ closed: true });
    bot.auth.start().catch(() => undefined);
    for (const name of beginning) await story.goesOn([name]);
    for (const choice of choices) await story.goesOn([...faults, ...ways], choice);
    await story.end();
  } catch (error) {
    throw new Error(`After: ${story.told.join(', ')}`, { cause: error });
  } finally {
    await bot.stop();
    stage.proxy.clear();
  }
}

let stage: Stage | undefined;
beforeAll(async () => {
  stage = await startStage(false);
});
afterAll(() => stage?.stop());

it('whatever happens, in whatever order, nothing is lost', async () => {
  const seed = Number(process.env['MODEL_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
  console.log(`Random stories of the whole module: ${RUNS}, MODEL_SEED=${seed}.`);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 999 }), { minLength: 4, maxLength: 16 }), (choices) =>
      tell(choices, stage as Stage),
    ),
    {
      numRuns: RUNS,
      seed,
      path: process.env['MODEL_PATH'] ?? '',
      endOnFailure: process.env['MODEL_SHRINK'] === 'false',
    },
  );
});
