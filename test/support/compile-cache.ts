import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For the environment of tests' processes: most of the start of a Node is compilation, and there are hundreds. */
export const compileCache = {
  NODE_COMPILE_CACHE: join(tmpdir(), 'matrix-auth-machine-compile-cache'),
};
