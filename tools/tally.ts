/** What is read of the file that Vitest's JSON reporter writes. */
export interface VitestReport {
  readonly testResults: readonly {
    /** The test file's path. */
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly status: string;
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
}

export function tallyOf(report: VitestReport, relative: (path: string) => string): Tally {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  const skippedIn = new Map<string, number>();
  for (const file of report.testResults) {
    const failedBefore = failed;
    for (const test of file.assertionResults) {
      if (test.status === 'passed') passed += 1;
      else if (test.status === 'failed') failed += 1;
      else {
        skipped += 1;
        const suite = [relative(file.name), ...test.ancestorTitles]
          .filter((title) => title !== '')
          .join(' > ');
        skippedIn.set(suite, (skippedIn.get(suite) ?? 0) + 1);
      }
    }
    if (file.status === 'failed' && failed === failedBefore) failed += 1;
  }
  const skippedSuites = [...skippedIn].map(
    ([suite, count]) => `${suite} (${count} ${count === 1 ? 'test' : 'tests'})`,
  );
  return { passed, failed, skipped, skippedSuites };
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
