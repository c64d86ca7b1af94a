import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { root } from '../../tools/root.ts';
import { NO_TEST_AFTER } from '../support/no-test-after.ts';

/** The commands that `.ci/run` has. */
const commands = [...readFileSync(join(root, '.ci/run'), 'utf8').matchAll(/"(npm [^"]+)"/g)].map(
  ([, command = '']) => command,
);

interface Ended {
  readonly code: unknown;
  readonly lines: readonly string[];
}

/** What comes of tools/ci.ts as `.ci/run` calls it, `secondsGone` after its start, where each npm script is these lines of shell. */
async function ciWith(scripts: Readonly<Record<string, string>>, secondsGone = 0): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-npm-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const cases = Object.entries(scripts).map(([name, script]) => `${name})\n${script}\n;;`);
  // It is called as `npm test` or `npm run NAME`.
  await writeFile(join(folder, 'npm'), `#!/bin/sh\ncase \${2:-$1} in\n${cases.join('\n')}\nesac\n`);
  await chmod(join(folder, 'npm'), 0o755);
  const PATH = [folder, process.env['PATH']].join(delimiter);
  const child = spawn(process.execPath, [join(root, 'tools/ci.ts'), String(secondsGone), ...commands], {
    env: { ...process.env, PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { code, lines: output.trimEnd().split('\n') };
}

test('.ci/run has the commands of the README', () => {
  expect(commands).toEqual(['npm run check', 'npm test', 'npm run test:long']);
});

test('all is well: the last line counts the short and the long form', async () => {
  const { code, lines } = await ciWith({
    check: 'echo All 5 checks passed.',
    test: 'echo 12 passed, 0 failed',
    'test:long': 'echo 3 passed, 0 failed',
  });
  expect(code).toBe(0);
  expect(lines.at(-1)).toBe('15 passed, 0 failed');
});

test('what was skipped is named above the last line', async () => {
  const { lines } = await ciWith({
    check: 'true',
    test: 'echo "Skipped: test/a.test.ts > a (2 tests)"; echo 12 passed, 0 failed',
    'test:long': 'echo "Skipped: test/b.test.ts (1 test)"; echo 3 passed, 0 failed',
  });
  expect(lines.slice(-3)).toEqual([
    'Skipped: test/a.test.ts > a (2 tests)',
    'Skipped: test/b.test.ts (1 test)',
    '15 passed, 0 failed',
  ]);
});

test('what failed is named below what was skipped: a log that is cut keeps its end', async () => {
  const { lines } = await ciWith({
    check: 'exit 1',
    test: 'echo "FAILED: test/a.test.ts > a: no"; echo "Skipped: test/a.test.ts (2 tests)"; echo 12 passed, 1 failed; exit 1',
    'test:long': 'echo 3 passed, 0 failed',
  });
  expect(lines.slice(-4)).toEqual([
    'Skipped: test/a.test.ts (2 tests)',
    'FAILED: npm run check',
    'FAILED: test/a.test.ts > a: no',
    '15 passed, 2 failed',
  ]);
});

test.each([
  ['the check', { check: 'exit 1' }, '15 passed, 1 failed'],
  ['a test', { test: 'echo 10 passed, 2 failed; exit 1' }, '13 passed, 2 failed'],
  ['a run that says nothing', { 'test:long': 'exit 1' }, '12 passed, 1 failed'],
  ['a run that says all is well', { test: 'echo 12 passed, 0 failed; exit 1' }, '15 passed, 1 failed'],
])('%s that fails is counted, and the others are run all the same', async (_, failing, last) => {
  const well = { check: 'true', test: 'echo 12 passed, 0 failed', 'test:long': 'echo 3 passed, 0 failed' };
  const { code, lines } = await ciWith({ ...well, ...failing });
  expect(code).toBe(1);
  expect(lines.at(-1)).toBe(last);
});

test('only the long form is told when its last test may begin: 25 minutes after the start of all', async () => {
  const told = `echo "\${2:-$1} may begin until \${${NO_TEST_AFTER}:-any time}"`;
  const before = Date.now();
  const { lines } = await ciWith({ check: told, test: told, 'test:long': told }, 600);
  expect(lines).toContain('check may begin until any time');
  expect(lines).toContain('test may begin until any time');
  const [, until] = /^test:long may begin until (\d+)$/m.exec(lines.join('\n')) ?? [];
  const fifteenMinutes = 15 * 60_000;
  expect(Number(until)).toBeGreaterThanOrEqual(before + fifteenMinutes);
  expect(Number(until)).toBeLessThanOrEqual(Date.now() + fifteenMinutes);
});
