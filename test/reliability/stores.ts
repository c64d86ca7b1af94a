import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { afterAll, describe, onTestFinished } from 'vitest';
import { migratePostgresSessions } from '../../src/adapters/sessions/postgres/index.ts';
import { type FaultProxy, startFaultProxy } from '../../src/adapters/testing/index.ts';
import { type BothContext, type BothOptions, describeOnBoth } from '../support/both.ts';
import type { RunningHomeserver } from '../support/homeserver.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres.ts';
import { BotProcess } from './bot-process.ts';
import type { BotConfig } from './messages.ts';
import type { Place } from './place.ts';

/** What a test gets, new for each. */
export interface Surroundings {
  readonly homeserver: RunningHomeserver;
  readonly proxy: FaultProxy;
  readonly place: Place;
  /** Starts a bot on this homeserver and place, killed at the end of the test if it still lives. */
  readonly bot: (config?: Partial<BotConfig>) => BotProcess;
}

export interface StoreContext {
  readonly kind: Place['kind'];
  /** Whether the homeserver is real Synapse. */
  readonly real: boolean;
  /** The database of the suite; only where `kind` is PostgreSQL. */
  readonly postgres: () => RunningPostgres;
  /** Call it in a test. */
  readonly surroundings: () => Promise<Surroundings>;
}

/** Runs a suite on both homeservers, and there with each store that survives a process. */
export async function describeOnStores(
  name: string,
  options: BothOptions,
  suite: (context: StoreContext) => void,
): Promise<void> {
  const postgres = await startPostgres().catch((error: unknown) => String(error));
  if (typeof postgres !== 'string') afterAll(() => postgres.stop());
  const database = () => {
    if (typeof postgres === 'string') throw new Error(postgres);
    return postgres;
  };
  describeOnBoth(name, options, (both) => {
    describe('SQLite', () => suite(contextOf(both, 'SQLite', database)));
    // In CI it has to be there, and fails where it is not.
    const skipped = typeof postgres === 'string' && process.env['CI'] !== 'true';
    describe.skipIf(skipped)(skipped ? `PostgreSQL: skipped, ${postgres}` : 'PostgreSQL', () =>
      suite(contextOf(both, 'PostgreSQL', database)),
    );
  });
}

function contextOf(both: BothContext, kind: Place['kind'], postgres: () => RunningPostgres): StoreContext {
  return {
    kind,
    real: both.real,
    postgres,
    surroundings: async () => {
      const homeserver = both.homeserver();
      const proxy = await startFaultProxy({ target: homeserver.url });
      onTestFinished(() => proxy.stop());
      const { place, remove } = await (kind === 'SQLite' ? sqlitePlace() : postgresPlace(postgres()));
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

interface OwnPlace {
  readonly place: Place;
  readonly remove: () => Promise<void>;
}

export async function sqlitePlace(): Promise<OwnPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-reliability-'));
  return {
    place: { kind: 'SQLite', path: join(folder, 'bot.db') },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function postgresPlace({ connectionString }: RunningPostgres): Promise<OwnPlace> {
  const pool = new Pool({ connectionString });
  await migratePostgresSessions(pool);
  await pool.end();
  return {
    place: { kind: 'PostgreSQL', connectionString, namespace: randomUUID() },
    remove: async () => {},
  };
}
