import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder of this test's own, for its user alone. */
export async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-sessions-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
