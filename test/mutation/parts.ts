/** A part of the sources whose tests are put to the test, and the tests. */
export interface Part {
  readonly mutate: readonly string[];
  /** Quick ones first: most mutants die of the first. */
  readonly tests: readonly string[];
  /** When a test that a mutant hangs is given up, in ms. Default 60,000. */
  readonly testTimeoutMs?: number;
  /** Whether the tests need a PostgreSQL: one is started for all of them. */
  readonly postgres?: boolean;
  /** The share of mutants that have to be found, in percent. */
  readonly atLeast: number;
}

export const parts: Readonly<Record<string, Part>> = {
  machine: {
    mutate: ['src/machines/auth/!(index|services|clock).ts'],
    tests: ['test/mutation/machines.ts'],
    atLeast: 95,
  },
  paths: {
    mutate: ['src/statechart/structure.ts', 'src/statechart/paths/*.ts', 'src/machines/auth/model/*.ts'],
    tests: ['test/mutation/paths.ts'],
    testTimeoutMs: 5_000,
    atLeast: 96,
  },
  diagram: {
    mutate: ['src/statechart/diagram/*.ts'],
    tests: ['test/statechart/diagram/drawn.test.ts', 'test/statechart/diagram/diagram.test.ts'],
    atLeast: 97,
  },
  clock: { mutate: ['src/machines/auth/clock.ts'], tests: ['test/machines/auth/clock.test.ts'], atLeast: 96 },
  fetch: {
    mutate: ['src/adapters/fetch/!(index).ts'],
    tests: ['test/mutation/fetch.ts'],
    testTimeoutMs: 5_000,
    atLeast: 95,
  },
  sessions: {
    mutate: ['src/adapters/sessions/!(index).ts', 'src/adapters/sessions/shared/*.ts'],
    tests: ['test/mutation/sessions.ts'],
    testTimeoutMs: 5_000,
    atLeast: 95,
  },
  homeserver: {
    mutate: ['src/adapters/homeserver/!(index).ts'],
    tests: ['test/mutation/homeserver.ts'],
    testTimeoutMs: 5_000,
    atLeast: 95,
  },
  sqlite: {
    mutate: ['src/adapters/sessions/sqlite/!(index).ts'],
    tests: ['test/mutation/sqlite.ts'],
    testTimeoutMs: 5_000,
    atLeast: 90,
  },
  postgres: {
    mutate: ['src/adapters/sessions/postgres/!(index).ts'],
    tests: ['test/mutation/postgres.ts'],
    testTimeoutMs: 5_000,
    postgres: true,
    atLeast: 90,
  },
};
