import { describe, expect, test } from 'vitest';
import { countsIn, lineOf, tallyOf, type VitestReport } from '../../tools/tally.ts';

type File = VitestReport['testResults'][number];

const file = (status: string, ...tests: [suite: string, status: string][]): File => ({
  name: '/repository/test/a.test.ts',
  status,
  assertionResults: tests.map(([suite, of]) => ({
    ancestorTitles: ['', suite],
    title: 'a test',
    status: of,
  })),
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

describe('a failure is said in one line', () => {
  test('with its message, and where in this repository it was thrown', () => {
    const message = [
      'AssertionError: expected \u001b[31m1\u001b[39m to be 2',
      '',
      'Expected: 2',
      '    at assert (/repository/node_modules/vitest/dist/index.js:1:1)',
      '    at /repository/test/a.test.ts:12:3',
    ].join('\n');
    const failing = {
      ancestorTitles: ['a suite'],
      title: 'a test',
      status: 'failed',
      failureMessages: [message],
    };
    const { failures } = tally({ ...file('failed'), assertionResults: [failing] });
    expect(failures).toEqual([
      'test/a.test.ts > a suite > a test: AssertionError: expected 1 to be 2 | Expected: 2 at /repository/test/a.test.ts:12:3',
    ]);
  });

  test('without a secret, and without the part of one that is left of a long message', () => {
    const token = `syt_${'a'.repeat(12)}_${'B'.repeat(20)}_0a1b2c`;
    for (const length of [0, 560, 580, 595]) {
      const { failures } = tally({ ...file('failed'), message: `${'x '.repeat(length / 2)}${token}` });
      expect(failures.join()).not.toMatch(/syt_a/);
    }
  });

  test('with what a file says that did not load', () => {
    const { failures } = tally({ ...file('failed'), message: 'SyntaxError: no' });
    expect(failures).toEqual(['test/a.test.ts: SyntaxError: no']);
  });
});

test('the last line says how many passed and failed, and nothing else', () => {
  expect(lineOf({ passed: 12, failed: 0 })).toBe('12 passed, 0 failed');
});

describe('the counts of a run are read from what it printed', () => {
  test('of its last such line', () => {
    const printed = '1 passed, 0 failed\nSkipped: test/a.test.ts (2 tests)\n12 passed, 3 failed\n';
    expect(countsIn(printed)).toEqual({ passed: 12, failed: 3 });
  });

  test.each(['', 'Tests  12 passed, 3 failed (15)\n', '12 passed, 3 failed, 1 skipped\n'])(
    'and not of anything else: %j',
    (printed) => {
      expect(countsIn(printed)).toBeUndefined();
    },
  );
});
