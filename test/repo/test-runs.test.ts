import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { root } from '../../tools/root.ts';
import { type Tally, tallyOf, type VitestReport } from '../../tools/tally.ts';
import { slowest } from '../support/longest-first.ts';
import { filesWithLongForm } from '../support/long-files.ts';
import { NO_TEST_AFTER } from '../support/no-test-after.ts';

const read = (file: string) => readFileSync(join(root, file), 'utf8');

test('the test files that are begun first are there', () => {
  expect(slowest.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  expect(new Set(slowest).size).toBe(slowest.length);
});

test('test/README.md lists the test files with a long form, and their rounds', async () => {
  const rows = [...read('test/README.md').matchAll(/^\| `(test\/[^`]+\.test\.ts)` +\|(.*)\|$/gm)];
  expect(rows.map(([, file]) => file)).toEqual(await filesWithLongForm());
  for (const [row, file = '', cells = ''] of rows) {
    for (const [, ...counts] of read(file).matchAll(/rounds\(\{ short: ([\d_]+), long: ([\d_]+) \}\)/g)) {
      for (const count of counts)
        expect(cells, row).toContain(Number(count.replaceAll('_', '')).toLocaleString('en'));
    }
  }
});

/** What comes of a run of Vitest in this environment. */
async function runIn(environment: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-run-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'report.json');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const options = ['run', '--reporter=json', `--outputFile=${file}`, ...args];
  const env = { ...process.env, ...environment };
  await once(spawn(process.execPath, [vitest, ...options], { cwd: root, env, stdio: 'ignore' }), 'close');
  const report = JSON.parse(await readFile(file, 'utf8')) as VitestReport;
  return tallyOf(report, (path) => relative(root, path));
}

describe('what cannot be run is told by name', { timeout: 120_000 }, () => {
  test('a test for which no time is left is skipped', async () => {
    const file = 'test/repo/tally.test.ts';
    const { passed, failed, skippedSuites } = await runIn({ [NO_TEST_AFTER]: '0' }, file);
    expect({ passed, failed }).toEqual({ passed: 0, failed: 0 });
    expect(skippedSuites).toContain(`${file} > the tally (5 tests)`);
  });

  const onServers = ['test/behaviour/position.test.ts', 'test/adapters/sessions/postgres/postgres.test.ts'];
  /** Where no folder can be made for Synapse, nor for PostgreSQL. */
  const lacking = { XDG_CACHE_HOME: join(root, 'package.json'), TMPDIR: join(root, 'package.json') };

  test('a suite without its server is skipped', async () => {
    const { failed, skippedSuites } = await runIn(
      { ...lacking, CI: '' },
      ...onServers,
      '-t',
      'Synapse|PostgreSQL',
    );
    expect(failed).toBe(0);
    expect(skippedSuites).toContainEqual(expect.stringMatching(/\(Synapse\) \(skipped, .+\)/));
    expect(skippedSuites).toContainEqual(expect.stringMatching(/ > PostgreSQL \(skipped, .+\) > /));
  });

  test('and fails in CI', async () => {
    const { passed, failed } = await runIn(
      { ...lacking, CI: 'true' },
      ...onServers,
      '-t',
      'Synapse|PostgreSQL',
    );
    expect({ passed, failed }).toEqual({ passed: 0, failed: 2 });
  });
});
