import { defineConfig } from 'vitest/config';
import { ownName } from './test/support/own-name.ts';

// These need a machine of their own for minutes: `npm run test:long` runs them.
const longTests = ['test/reliability/{together,random-kills,long-tokens,short-tokens}.test.ts'];

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
