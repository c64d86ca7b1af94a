import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const src = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    // The package's own name means its sources here, so that the examples of the docs run as they are printed.
    alias: [
      { find: /^matrix-auth-machine$/, replacement: src('index.ts') },
      { find: /^matrix-auth-machine\/machine$/, replacement: src('machines/index.ts') },
      { find: /^matrix-auth-machine\/(sqlite|postgres)$/, replacement: src('adapters/sessions/$1/index.ts') },
      { find: /^matrix-auth-machine\/(.+)$/, replacement: src('adapters/$1/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    pool: 'forks',
    // matrix-js-sdk writes this at every room, whatever its logger's level.
    onConsoleLog: (log) => !log.startsWith('[MatrixRTCSession'),
  },
});
