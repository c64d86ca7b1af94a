import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { packInto } from '../../tools/pack.ts';
import { type Order, SynapseForks } from '../synapse/forks.ts';
import { ensureSynapse, type SynapseInstallation } from '../synapse/install.ts';
import { compileCache } from './compile-cache.ts';
import { filesWithLongForm } from './long-files.ts';
import { OFFICE, type Office, openOffice } from './office.ts';
import { ownDatabase } from './own-database.ts';
import { type RunningPostgres, startPostgres } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The real Synapse of this run, or why there is none. */
    synapse: SynapseInstallation;
    /** The paths of the test files with a long form. */
    filesWithLongForm: readonly string[];
  }
}

/** Kept where the setup of each project finds it: each has modules of its own. */
const offices = globalThis as { office?: Promise<Office> };

/**
 * Fetches Synapse, where that has not been done, before any test is collected, and says which one the run is on. Opens
 * the office of the run.
 */
export default async function provide(project: TestProject): Promise<() => Promise<void>> {
  // Workers and all that they start inherit it.
  Object.assign(process.env, compileCache);
  const synapse = await ensureSynapse((line) => process.stdout.write(`${line}\n`));
  process.stdout.write(
    'unavailable' in synapse
      ? `Tests on real Synapse are skipped: ${synapse.unavailable}.\n`
      : `Real Synapse of this run: ${synapse.version}.\n`,
  );
  project.provide('synapse', synapse);
  project.provide('filesWithLongForm', await filesWithLongForm());
  // All projects have the same one.
  const office = await (offices.office ??= openOfficeOf(synapse));
  process.env[OFFICE] = office.url;
  return () => office.close();
}

/** What is in it is made when the first test file asks for it. */
async function openOfficeOf(synapse: SynapseInstallation): Promise<Office> {
  let postgres: Promise<RunningPostgres> | undefined;
  let workshop: Promise<string> | undefined;
  let packed: Promise<string> | undefined;
  let forks: SynapseForks | undefined;
  const office = await openOffice({
    database: async () => ownDatabase(await (postgres ??= startPostgres())),
    package: () => {
      workshop ??= mkdtemp(join(tmpdir(), 'matrix-auth-machine-packed-'));
      return (packed ??= workshop.then(packInto));
    },
    synapse: async (order: Order) => {
      if ('unavailable' in synapse) throw new Error(synapse.unavailable);
      forks ??= new SynapseForks(synapse.root);
      return await forks.fork(order);
    },
  });
  let closing: Promise<void> | undefined;
  const close = async () => {
    await office.close();
    await forks?.end();
    await postgres?.then(
      ({ stop }) => stop(),
      () => undefined,
    );
    if (workshop !== undefined) await rm(await workshop, { recursive: true, force: true });
  };
  return { url: office.url, close: () => (closing ??= close()) };
}
