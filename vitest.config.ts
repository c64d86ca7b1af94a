import { defineConfig } from 'vitest/config';
import { rounds } from './test/support/long.ts';
import { LongestFirst } from './test/support/longest-first.ts';
import { ownName } from './test/support/own-name.ts';

/** Tests of one part each. They share processes, which saves half of the time: so each has to put back what it replaces. */
const parts = [
  'test/{auth,machines,observe,page,ports,statechart}/**/*.test.ts',
  // Those of the SDKs need a process each: matrix-js-sdk refuses to be loaded in two versions.
  'test/testing/**/!(matrix-js-sdk*).test.ts',
  'test/adapters/!(sessions)/**/*.test.ts',
  'test/adapters/sessions/{*,shared/*}.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/skip-when-late.ts'],
    // What is begun in the first 25 minutes of `.ci/run` ends in the first 30.
    testTimeout: rounds({ short: 60_000, long: 240_000 }),
    hookTimeout: 60_000,
    maxWorkers: 2,
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    // matrix-js-sdk writes this at every room, whatever its logger's level.
    onConsoleLog: (log) => !log.startsWith('[MatrixRTCSession'),
    projects: [
      {
        extends: true,
        resolve: { alias: ownName },
        test: {
          name: 'matrix-js-sdk 43',
          include: ['test/**/*.test.ts'],
          exclude: parts,
        },
      },
      { extends: true, resolve: { alias: ownName }, test: { name: 'parts', include: parts, isolate: false } },
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
