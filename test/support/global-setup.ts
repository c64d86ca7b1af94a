import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { packInto } from '../../tools/pack.ts';
import { ensureSynapse, type SynapseInstallation } from '../synapse/install.ts';
import { compileCache } from './compile-cache.ts';
import { openOffice } from './office.ts';
import { ownDatabase } from './own-database.ts';
import { type RunningPostgres, startPostgres } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The real Synapse of this run, or why there is none. */
    synapse: SynapseInstallation;
    /** The URL of the office that test files share. */
    office: string;
  }
}

/**
 * Fetches Synapse, where that has not been done, before any test is collected, and says which one the run is on. Opens
 * the office; what it has is made when the first test file asks for it.
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

  let postgres: Promise<RunningPostgres> | undefined;
  let packed: Promise<string> | undefined;
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-packed-'));
  const office = await openOffice({
    database: async () => ownDatabase(await (postgres ??= startPostgres())),
    package: () => (packed ??= packInto(folder)),
  });
  project.provide('office', office.url);
  return async () => {
    await office.close();
    await postgres?.then(
      ({ stop }) => stop(),
      () => undefined,
    );
    await rm(folder, { recursive: true, force: true });
  };
}
