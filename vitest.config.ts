import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const src = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

// The package's own name means its sources here, so that the examples of the docs run as they are printed.
const ownName = [
  { find: /^matrix-auth-machine$/, replacement: src('index.ts') },
  { find: /^matrix-auth-machine\/machine$/, replacement: src('machines/index.ts') },
  {
    find: /^matrix-auth-machine\/(sqlite|postgres)$/,
    replacement: src('adapters/sessions/$1/index.ts'),
  },
  { find: /^matrix-auth-machine\/(.+)$/, replacement: src('adapters/$1/index.ts') },
];

// These need a machine of their own for minutes: `npm run test:long` runs them.
const longTests = [
  'test/reliability/{together,random-kills,long-tokens,short-tokens}.test.ts',
  'test/model/explore.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    pool: 'forks',
    // matrix-js-sdk writes this at every room, whatever its logger's level.
    onConsoleLog: (log) => !log.startsWith('[MatrixRTCSession'),
    projects: [
      {
        extends: true,
        resolve: { alias: ownName },
        test: {
          name: 'matrix-js-sdk 43',
          include: ['test/**/*.test.ts'],
          exclude: process.env['LONG'] === 'true' ? [] : longTests,
        },
      },
      {
        extends: true,
        resolve: {
          alias: [
            ...ownName,
            { find: /^matrix-js-sdk$/, replacement: 'matrix-js-sdk-42' },
            { find: /^matrix-js-sdk\/(.+)$/, replacement: 'matrix-js-sdk-42/$1' },
          ],
        },
        test: { name: 'matrix-js-sdk 42', include: ['test/behaviour/{expiry,replacement,locked}.test.ts'] },
      },
    ],
  },
});
