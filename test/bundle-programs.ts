// Bundles what tests start again and again: to load its two hundred files takes longer than what it does.
import { glob, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from '../tools/root.ts';
import { bundleOf, bundles, programs } from './support/programs.ts';

const input: Record<string, string> = {};
for await (const file of glob(programs, { cwd: root })) {
  const source = join(root, file);
  input[bundleOf(source)] = source;
}
await rm(bundles, { recursive: true, force: true });
// Packages are loaded as they are installed, as they are from the sources.
const bundle = await rolldown({ input, platform: 'node', external: /^(?![./])/ });
await bundle.write({ dir: bundles, chunkFileNames: 'chunks/[name]-[hash].js', sourcemap: true });
await bundle.close();
