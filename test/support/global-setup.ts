import type { TestProject } from 'vitest/node';
import { ensureSynapse, type SynapseInstallation } from '../synapse/install.ts';
import { compileCache } from './compile-cache.ts';
import { openDatabaseOffice } from './shared-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The real Synapse of this run, or why there is none. */
    synapse: SynapseInstallation;
    /** Where a test file asks for a PostgreSQL database. */
    databases: string;
  }
}

/**
 * Fetches Synapse, where that has not been done, before any test is collected, and says which one the run is on. Opens
 * the office where test files get their databases, and gives its end.
 */
export default async function provideServers(project: TestProject): Promise<() => Promise<void>> {
  // Workers and all that they start inherit it.
  Object.assign(process.env, compileCache);
  const synapse = await ensureSynapse((line) => process.stdout.write(`${line}\n`));
  process.stdout.write(
    'unavailable' in synapse
      ? `Tests on real Synapse are skipped: ${synapse.unavailable}.\n`
      : `Real Synapse of this run: ${synapse.version}.\n`,
  );
  project.provide('synapse', synapse);
  const databases = await openDatabaseOffice();
  project.provide('databases', databases.url);
  return () => databases.stop();
}
