import type { TestProject } from 'vitest/node';
import { ensureSynapse, type SynapseInstallation } from '../synapse/install.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The real Synapse of this run, or why there is none. */
    synapse: SynapseInstallation;
  }
}

/** Fetches Synapse, where that has not been done, before any test is collected; says which one the run is on. */
export default async function provideSynapse(project: TestProject): Promise<void> {
  const synapse = await ensureSynapse((line) => process.stdout.write(`${line}\n`));
  process.stdout.write(
    'unavailable' in synapse
      ? `Tests on real Synapse are skipped: ${synapse.unavailable}.\n`
      : `Real Synapse of this run: ${synapse.version}.\n`,
  );
  project.provide('synapse', synapse);
}
