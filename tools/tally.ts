import { stripVTControlCharacters } from 'node:util';
import { withoutSecrets } from './secrets.ts';

/** What is read of the file that Vitest's JSON reporter writes. */
export interface VitestReport {
  readonly testResults: readonly {
    /** The test file's path. */
    readonly name: string;
    readonly status: string;
    /** Why a file failed without a test of its own that did. */
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
      readonly failureMessages?: readonly (string | null)[] | null;
    }[];
  }[];
}

export interface Tally {
  readonly passed: number;
  /** Failed tests, and one for each file that failed without one: it did not load, a hook threw, its worker died. */
  readonly failed: number;
  readonly skipped: number;
  /** Suites, or whole files, with skipped tests, as "file > suite (n tests)". */
  readonly skippedSuites: readonly string[];
  /** Failed tests and files, a line each without secrets, as "file > suite > test: what it says". */
  readonly failures: readonly string[];
}

/** How much of what a failed test says is repeated in its line. */
const MESSAGE_LENGTH = 600;

/** A failure in one line: what failed, the message, and where it was thrown. No secret is cut in two before it is masked. */
function failureLine(what: string, message: string): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const stack = lines.findIndex((line) => line.startsWith('at '));
  const said = withoutSecrets((stack < 0 ? lines : lines.slice(0, stack)).join(' | '));
  const where = stack < 0 ? undefined : lines.slice(stack).find((line) => !line.includes('node_modules'));
  return [`${withoutSecrets(what)}:`, said.slice(0, MESSAGE_LENGTH), where ?? ''].join(' ').trim();
}

export function tallyOf(report: VitestReport, relative: (path: string) => string): Tally {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  const skippedIn = new Map<string, number>();
  const failures: string[] = [];
  for (const file of report.testResults) {
    const failedBefore = failed;
    for (const test of file.assertionResults) {
      const titles = [relative(file.name), ...test.ancestorTitles].filter((title) => title !== '');
      const suite = titles.join(' > ');
      if (test.status === 'passed') passed += 1;
      else if (test.status === 'failed') {
        failed += 1;
        failures.push(failureLine(`${suite} > ${test.title}`, test.failureMessages?.[0] ?? ''));
      } else {
        skipped += 1;
        skippedIn.set(suite, (skippedIn.get(suite) ?? 0) + 1);
      }
    }
    if (file.status === 'failed' && failed === failedBefore) {
      failed += 1;
      failures.push(failureLine(relative(file.name), file.message ?? ''));
    }
  }
  const skippedSuites = [...skippedIn].map(
    ([suite, count]) => `${suite} (${count} ${count === 1 ? 'test' : 'tests'})`,
  );
  return { passed, failed, skipped, skippedSuites, failures };
}

export type Counts = Pick<Tally, 'passed' | 'failed'>;

/** `N passed, M failed`: the last line of what runs tests. */
export function lineOf({ passed, failed }: Counts): string {
  return `${passed} passed, ${failed} failed`;
}

/** The counts of the last line that is such a line; `undefined` where none is. */
export function countsIn(output: string): Counts | undefined {
  const [, passed, failed] = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1) ?? [];
  return passed === undefined ? undefined : { passed: Number(passed), failed: Number(failed) };
}
