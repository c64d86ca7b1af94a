import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { meaningOf } from '../../../src/machines/index.ts';
import type { KeeperResult, SessionKeeper } from '../../../src/adapters/sessions/index.ts';
import type { SessionStore } from '../../../src/ports/index.ts';
import { randomFrom, seedOf } from '../../reliability/random.ts';
import { rounds } from '../../support/long.ts';
import { keeperOn, nobody, session, storeWith } from './keeper-fixtures.ts';
import { Steps, SynapseInSteps } from './synapse-in-steps.ts';

/** Which of the steps that wait is next, of so many; `undefined`: all of these processes are suspended. */
type Choose = (of: number) => number | undefined;

/** A session whose claim everybody has taken for lost, one after the other: all of them renew it. */
class Race {
  readonly #steps = new Steps();
  readonly #synapse = new SynapseInSteps(this.#steps);
  readonly #order: string[] = [];
  readonly #found: string[] = [];

  /** What went wrong, and in which order of steps. */
  async run(holders: number, choose: Choose): Promise<string[]> {
    const store = this.#inSteps(await storeWith({ session: session(1) }));
    const keepers = await Promise.all(
      Array.from({ length: holders }, async () => {
        const keeper = keeperOn(store);
        await keeper.restore({}, nobody);
        return keeper;
      }),
    );
    this.#steps.chosen = true;
    const working = Promise.all(keepers.map((keeper) => this.#work(keeper)));
    await setImmediate();
    for (;;) {
      const of = this.#steps.waiting;
      const choice = of === 0 ? undefined : choose(of);
      if (choice === undefined) break;
      this.#order.push(`${choice + 1} of ${of}`);
      await this.#steps.go(choice);
    }
    await this.#goesOn(store);
    // They are woken, and go on from where they stood.
    while (this.#steps.waiting > 0) await this.#steps.go(0);
    await working;
    await this.#goesOn(store);
    return this.#found.map((what) => `${what}: ${this.#order.join(', ')}`);
  }

  /** As the machine does it: renews, uses what came of it, and renews once more where that is refused. */
  async #work(keeper: SessionKeeper): Promise<void> {
    let generation = 1;
    for (let tries = 0; tries < 3; tries += 1) {
      const result = await keeper.rotate(generation, (token) => this.#synapse.refresh(token));
      if (isEnd(result)) this.#found.push('a holder took the session for ended');
      if (!('session' in result)) continue;
      generation = result.session.generation;
      if (await this.#synapse.use(result.session.accessToken)) return;
    }
  }

  /** A process that is started now is signed in: it renews the session as often as it likes. */
  async #goesOn(store: SessionStore): Promise<void> {
    this.#steps.chosen = false;
    const keeper = keeperOn(store);
    await keeper.restore({}, nobody);
    for (let times = 0; times < 2; times += 1) {
      const { generation = 0 } = keeper.current ?? {};
      const result = await keeper.rotate(generation, (token) => this.#synapse.refresh(token));
      if (result.kind !== 'renewed')
        this.#found.push('a process that was started afterwards is not signed in');
      if ('session' in result) await this.#synapse.use(result.session.accessToken);
    }
    this.#steps.chosen = true;
  }

  #inSteps(store: SessionStore): SessionStore {
    return {
      ...store,
      read: async (of, kind) => {
        if (kind === 'session') await this.#steps.step();
        return store.read(of, kind);
      },
      update: async (of, kind, change) => {
        await this.#steps.step();
        return store.update(of, kind, change);
      },
      claim: async () => ({ lost: new AbortController().signal, release: async () => {} }),
    };
  }
}

function isEnd(result: KeeperResult): boolean {
  return result.kind === 'refused' && meaningOf(result.rejection) === 'refresh-dead';
}

it.each([2, 3])(
  '%i holders at once lose nothing, in whatever order their steps come, and wherever they are suspended',
  async (holders) => {
    const random = randomFrom(seedOf(`${holders} holders`));
    for (let run = 0; run < rounds({ short: 300, long: 10_000 }); run += 1) {
      const found = await new Race().run(holders, (of) =>
        random() < 0.03 ? undefined : Math.floor(random() * of),
      );
      expect(found).toEqual([]);
    }
  },
);
