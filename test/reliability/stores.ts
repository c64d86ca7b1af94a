import { describe, type TestContext } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../../src/testing/index.ts';
import { type BothOptions, describeOnBoth } from '../support/both.ts';
import type { RunningHomeserver } from '../support/homeserver.ts';
import { databaseForTests } from '../support/postgres.ts';
import type { Given } from '../support/office.ts';
import { BotProcess } from './bot-process.ts';
import type { BotConfig } from './messages.ts';
import { postgresPlace, sqlitePlace } from './own-place.ts';
import type { Place } from './place.ts';

/** What all of these tests ask of a homeserver. */
export type BotsHomeserver = Pick<RunningHomeserver, 'url' | 'devices'>;

/** What a test gets, for itself alone: tests here run side by side. */
export interface Surroundings<H extends BotsHomeserver = RunningHomeserver> {
  readonly homeserver: H;
  readonly proxy: FaultProxy;
  readonly place: Place;
  /** Starts a bot on this homeserver and place, killed at the end of the test if it still lives. */
  readonly bot: (config?: Partial<BotConfig>) => BotProcess;
}

type Finishing = Pick<TestContext, 'onTestFinished'>;

export interface StoreContext<H extends BotsHomeserver = RunningHomeserver> {
  readonly kind: Place['kind'];
  readonly surroundings: (test: Finishing) => Promise<Surroundings<H>>;
}

/** Runs a suite on both homeservers, and there with each store that outlives a process. */
export async function describeOnStores(
  name: string,
  options: BothOptions,
  suite: (context: StoreContext) => void,
): Promise<void> {
  const database = await databaseForTests();
  // In CI it has to be there, and its tests fail where it is not.
  const skipped =
    'unavailable' in database && process.env['CI'] !== 'true' ? database.unavailable : undefined;
  describeOnBoth(name, options, (both) => {
    describe.concurrent('SQLite', () => suite(contextOf(both, 'SQLite', sqlitePlace)));
    const place = () => postgresPlace(connectionOf(database));
    describe
      .skipIf(skipped !== undefined)
      .concurrent(skipped === undefined ? 'PostgreSQL' : `PostgreSQL: skipped, ${skipped}`, () =>
        suite(contextOf(both, 'PostgreSQL', place)),
      );
  });
}

export function contextOf<H extends BotsHomeserver>(
  both: { readonly homeserver: () => H },
  kind: Place['kind'],
  makePlace: typeof sqlitePlace,
): StoreContext<H> {
  return {
    kind,
    surroundings: async ({ onTestFinished }) => {
      const homeserver = both.homeserver();
      const proxy = await startFaultProxy({ target: homeserver.url });
      onTestFinished(() => proxy.stop());
      const { place, remove } = await makePlace();
      onTestFinished(remove);
      return {
        homeserver,
        proxy,
        place,
        bot: (config = {}) => {
          const bot = BotProcess.start({ homeserver: proxy.url, place, ...config });
          onTestFinished(() => bot.kill());
          return bot;
        },
      };
    },
  };
}

function connectionOf(database: Given<string>): string {
  if ('unavailable' in database) throw new Error(database.unavailable);
  return database.given;
}
