import type { BotUnderTest } from './bot.ts';
import type { AuthPath } from './plan.ts';
import { authPathPlans } from './plans.ts';
import { assertAuthPath } from './assert-auth-path.ts';

type Body = () => void | Promise<void>;

/** What is needed of a test runner; Vitest's functions fit, and so do Jest's. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: ((name: string, body: Body, timeoutMs?: number) => unknown) & {
    readonly concurrent?: (name: string, body: Body, timeoutMs?: number) => unknown;
  };
}

export interface DescribeAuthPathsOptions<Handle = unknown> extends BotUnderTest<Handle> {
  /** The name of the suite. Default `the bot stays signed in`. */
  readonly name?: string;
  /** The paths to walk. Default: {@link authPathPlans}, all of them. */
  readonly paths?: readonly AuthPath[];
  /** Several paths at once. Not for a bot that reads its account from `process.env` in process. Default false. */
  readonly concurrent?: boolean;
  /**
   * `describe` and `it` of the test runner: `import { describe, it } from 'vitest'`. Default: the global ones, which
   * Vitest has with `globals: true`.
   */
  readonly vitest?: TestRunner;
}

/** What a walk takes besides waiting for answers. */
const OVERHEAD_MS = 60_000;

/**
 * Defines a suite that walks a bot through everything that can happen to its session, one test for each path. A test
 * that fails says in plain words what the bot did wrong.
 *
 * ```ts
 * import { describe, it } from 'vitest';
 * import { describeAuthPaths, spawnBot } from 'matrix-auth-machine/testing';
 *
 * describeAuthPaths({ vitest: { describe, it }, ...spawnBot('node', ['bot.js']) });
 * ```
 *
 * @throws Error if there is no test runner
 */
export function describeAuthPaths<Handle = unknown>(options: DescribeAuthPathsOptions<Handle>): void {
  const {
    name = 'the bot stays signed in',
    paths = authPathPlans,
    concurrent = false,
    patienceMs = 20_000,
    startTimeoutMs = 30_000,
  } = options;
  const { describe, it } = options.vitest ?? globalRunner();
  const define = (concurrent && it.concurrent) || it;
  describe(name, () => {
    for (const path of paths) {
      define(
        `when ${path.name}`,
        () => assertAuthPath(path, options),
        startTimeoutMs + 4 * patienceMs + OVERHEAD_MS,
      );
    }
  });
}

function globalRunner(): TestRunner {
  const { describe, it } = globalThis as Partial<TestRunner>;
  if (typeof describe !== 'function' || typeof it !== 'function') {
    throw new Error(
      "describeAuthPaths found no test runner: there is no global describe and it. Import them from 'vitest' and pass { vitest: { describe, it } }, or set globals: true in the configuration of Vitest.",
    );
  }
  return { describe, it };
}
