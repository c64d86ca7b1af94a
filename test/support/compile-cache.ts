import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For the environment of a Node that is started again and again: most of a start is compilation. */
export const compileCache = {
  NODE_COMPILE_CACHE: join(tmpdir(), 'matrix-auth-machine-compile-cache'),
};
