import { describe, expect, test } from 'vitest';
import { lineOf, tallyOf, type VitestReport } from '../../tools/tally.ts';

type File = VitestReport['testResults'][number];

const file = (status: string, ...tests: [suite: string, status: string][]): File => ({
  name: '/repository/test/a.test.ts',
  status,
  assertionResults: tests.map(([suite, of]) => ({ ancestorTitles: ['', suite], status: of })),
});

const tally = (...testResults: File[]) =>
  tallyOf({ testResults }, (path) => path.replace('/repository/', ''));

describe('the tally', () => {
  test('counts passed, failed and skipped tests over all files', () => {
    expect(
      tally(
        file('passed', ['x', 'passed'], ['x', 'todo']),
        file('failed', ['x', 'failed'], ['x', 'passed'], ['x', 'failed']),
      ),
    ).toMatchObject({ passed: 2, failed: 2, skipped: 1 });
  });

  test.each([
    ['a file that did not load', file('failed')],
    ['a hook that threw before its tests', file('failed', ['x', 'skipped'], ['x', 'skipped'])],
    ['a worker that died', file('failed', ['x', 'passed'], ['x', 'pending'])],
  ])('counts %s as a failure', (_, broken) => {
    expect(tally(broken).failed).toBe(1);
  });

  test('names each suite with skipped tests once', () => {
    const { skippedSuites } = tally(
      file('passed', ['Synapse', 'skipped'], ['Synapse', 'skipped'], ['', 'todo'], ['x', 'passed']),
    );
    expect(skippedSuites).toEqual(['test/a.test.ts > Synapse (2 tests)', 'test/a.test.ts (1 test)']);
  });
});

test.each([
  [{ passed: 12, failed: 0, skipped: 0 }, '12 passed, 0 failed'],
  [{ passed: 1, failed: 2, skipped: 3 }, '1 passed, 2 failed, 3 skipped'],
])('the last line of %o', (counts, line) => {
  expect(lineOf(counts)).toBe(line);
});
