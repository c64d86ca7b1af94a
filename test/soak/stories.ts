import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { toolEnvironment } from '../../tools/child.ts';
import { root } from '../../tools/root.ts';

/** Tells random stories of the whole module, up to the first that fails, and prints what Vitest prints of them. */
export async function storiesHold(stories: number, seed: number | undefined): Promise<boolean> {
  if (stories === 0) return true;
  const env = {
    ...toolEnvironment(),
    MODEL_RUNS: String(stories),
    ...(seed === undefined ? {} : { MODEL_SEED: String(seed) }),
  };
  const child = spawn('vitest', ['run', 'test/model/explore.test.ts'], { cwd: root, env, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code === 0;
}
