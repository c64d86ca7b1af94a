// `npm test`: builds, runs Vitest with the arguments given, and searches all that was printed for secrets.
// `npm run test:long` (`--long`): the same with the test files that have a long form, in that form, and on the test
// homeserver with those that `npm test` runs on real Synapse alone.
// The last line is "N passed, M failed"; the search counts as a test, unless none ran.
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { run } from '../tools/child.ts';
import { installOnNode24 } from '../tools/own-package.ts';
import { root } from '../tools/root.ts';
import { leaksIn } from '../tools/secrets.ts';
import { lineOf, type Tally, tallyOf } from '../tools/tally.ts';
import { runVitest, type VitestRun } from '../tools/vitest.ts';
import { BUILT } from './support/cli-main.ts';
import { LONG_FORM } from './support/long.ts';
import { filesOnBoth, filesWithLongForm } from './support/long-files.ts';

const LONG = '--long';

/** Most of the tests that take long wait for tokens to expire, so a core serves more than one. */
const maxWorkers = Math.min(8, 2 * availableParallelism() + 1);

async function build(): Promise<boolean> {
  const builds = await Promise.all([
    run('node', ['tools/build.ts']),
    run('node', ['test/bundle-programs.ts']),
  ]);
  const failed = builds.filter(({ ok }) => !ok);
  for (const { output } of failed) console.log(`The build failed, so no test ran:\n${output.trimEnd()}`);
  return failed.length === 0;
}

/** The arguments for Vitest. Without others, `--long` stands for all files that `npm test` does not run in full. */
async function argumentsFor(given: readonly string[]): Promise<readonly string[]> {
  if (!given.includes(LONG)) return given;
  process.env[LONG_FORM] = '1';
  const others = given.filter((argument) => argument !== LONG);
  if (others.length > 0) return others;
  return [...new Set([...(await filesWithLongForm()), ...(await filesOnBoth())])];
}

/** Prints the lines that hold secrets, masked; says whether there were none. */
function keptSecrets({ stdout, stderr }: VitestRun): boolean {
  const leaks = Object.entries({ stdout, stderr }).flatMap(([stream, text]) =>
    leaksIn(text).map((leak) => `  ${stream}, line ${leak.line}: ${leak.text}`),
  );
  console.log(
    leaks.length === 0
      ? 'Secrets in the output: none.'
      : `FAILED: secrets in the output, masked here. Find what prints them.\n${leaks.join('\n')}`,
  );
  return leaks.length === 0;
}

/** What went wrong besides the tests. */
function troubles(vitest: VitestRun, { passed, failed }: Tally): string[] {
  const found: string[] = [];
  if (vitest.report === undefined) {
    found.push(`Vitest ended without a report (${vitest.ending ?? 'exit code 0'}); its output is above.`);
  } else if (passed + failed === 0) {
    found.push('No test ran.');
  } else if (vitest.ending !== undefined && failed === 0) {
    found.push(`Vitest ended with ${vitest.ending} though no test failed: see the error above.`);
  }
  if (vitest.leftOpen)
    found.push('A process that the tests started outlived them and still holds their output.');
  return found;
}

async function main(): Promise<void> {
  await installOnNode24();
  if (!(await build())) {
    console.log(lineOf({ passed: 0, failed: 1 }));
    process.exitCode = 1;
    return;
  }
  process.env[BUILT] = '1';
  const vitest = await runVitest([
    `--maxWorkers=${maxWorkers}`,
    ...(await argumentsFor(process.argv.slice(2))),
  ]);
  const tests = tallyOf(vitest.report ?? { testResults: [] }, (path) => relative(root, path));
  const found = troubles(vitest, tests);
  for (const suite of tests.skippedSuites) console.log(`Skipped: ${suite}`);
  for (const trouble of [...tests.failures, ...found]) console.log(`FAILED: ${trouble}`);
  const kept = keptSecrets(vitest);
  const ran = tests.passed + tests.failed > 0;
  const passed = tests.passed + (kept && ran ? 1 : 0);
  const failed = tests.failed + found.length + (kept ? 0 : 1);
  process.exitCode = failed === 0 ? 0 : 1;
  console.log(lineOf({ passed, failed }));
}

await main();
