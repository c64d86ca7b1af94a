import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../tools/root.ts';
import { BUILT } from './cli-main.ts';

/** The programs that tests start again and again, as processes of their own. */
export const programs = [
  'test/{adapters,reliability}/**/*-main.ts',
  'test/support/{handling,sending}-bot.ts',
];

/** Where a run puts the bundles of them. */
export const bundles = join(root, 'dist-test');

/** The name of a program's bundle: its path in `test`. */
export const bundleOf = (source: string): string => relative(join(root, 'test'), source).replace(/\.ts$/, '');

/** The file of a program: its bundle, which starts in a third of the time, or else its source. */
export function programAt(source: URL): string {
  const file = fileURLToPath(source);
  return process.env[BUILT] === '1' ? join(bundles, `${bundleOf(file)}.js`) : file;
}
