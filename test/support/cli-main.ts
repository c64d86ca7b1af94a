import { join } from 'node:path';
import { root } from '../../tools/root.ts';

/** The environment variable that a run sets which has built the package. */
export const BUILT = 'TEST_BUILT';

/** The file of the command line: the built one, which starts in a third of the time, or else its source. */
export const cliMain = join(root, process.env[BUILT] === '1' ? 'dist/cli/main.js' : 'src/cli/main.ts');
