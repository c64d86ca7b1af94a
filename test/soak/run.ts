// `npm run soak`: kills bots for a long time, prints what came of it, and puts it into docs/reliability.md.
// `npm run soak -- --kills 100 --lifetimes 60 --stories 200` is shorter; `--seed` repeats a run; `--no-write` leaves the page as it is.
import { randomInt } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { root } from '../../tools/root.ts';
import { postgresPlace, sqlitePlace } from '../reliability/own-place.ts';
import type { KillsTally } from '../reliability/random-kills.ts';
import type { TogetherTally } from '../reliability/together.ts';
import { startPostgres } from '../support/postgres.ts';
import { startTestHomeserverForTests } from '../support/test-homeserver.ts';
import { startSynapse } from '../synapse/server.ts';
import { soakOptions } from './options.ts';
import {
  faultsOf,
  KILLS_LIFETIME_MS,
  killsRun,
  type Run,
  TOGETHER_LIFETIME_MS,
  togetherRun,
} from './runs.ts';
import { storiesHold } from './stories.ts';
import { tables } from './table.ts';

const PAGE = join(root, 'docs', 'reliability.md');
const BETWEEN = /(<!-- soak -->\n)[\s\S]*(<!-- \/soak -->)/;

const { kills, lifetimes, stories, seed, write } = soakOptions(process.argv.slice(2));
if (!(await storiesHold(stories, seed))) process.exitCode = 1;
const postgres = await startPostgres();
const stores = [sqlitePlace, () => postgresPlace(postgres.connectionString)];
const killed: Run<KillsTally>[] = [];
const shared: Run<TogetherTally>[] = [];
try {
  for (const start of [startTestHomeserverForTests, startSynapse]) {
    for (const [runOf, amount, runs, accessTokenLifetimeMs] of [
      [killsRun, kills, killed, KILLS_LIFETIME_MS],
      [togetherRun, lifetimes, shared, TOGETHER_LIFETIME_MS],
    ] as const) {
      const homeserver = await start({ accessTokenLifetimeMs });
      for (const makePlace of stores) {
        const setting = { homeserver, makePlace, seed: seed ?? randomInt(2 ** 31) };
        const done = await runOf(setting, amount);
        (runs as Run<unknown>[]).push(done);
        process.stdout.write(`${JSON.stringify(done)}\n`);
      }
      await homeserver.stop();
    }
  }
} finally {
  await postgres.stop();
}

const machine = `${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform} on ${process.arch}, ${new Date().toISOString().slice(0, 10)}`;
const result = tables(killed, shared, machine);
process.stdout.write(`\n${result}`);
if (write) {
  const page = await readFile(PAGE, 'utf8');
  if (!BETWEEN.test(page)) throw new Error('docs/reliability.md has no <!-- soak --> and <!-- /soak -->.');
  await writeFile(
    PAGE,
    page.replace(BETWEEN, (_, begin: string, end: string) => `${begin}\n${result}\n${end}`),
  );
}
for (const run of [...killed, ...shared]) {
  for (const fault of faultsOf(run)) {
    process.stdout.write(`FAILED: ${run.homeserver}, ${run.store}, seed ${run.seed}: ${fault}.\n`);
    process.exitCode = 1;
  }
}
