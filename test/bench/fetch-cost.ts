import { measuredBy } from './child.ts';
import { median, type Row } from './measure.ts';

const RUNS = 5;

/** What `auth.fetch` costs beside the request itself. */
export async function fetchCost(): Promise<Row> {
  const runs: { readonly us: number; readonly bytes: number }[] = [];
  // Nothing is collected while it is measured, so that each byte is seen.
  const options = ['--expose-gc', '--max-semi-space-size=256', '--min-semi-space-size=256'];
  for (let run = 0; run < RUNS; run += 1) runs.push(await measuredBy('fetch-cost-main.ts', [], options));
  const us = median(runs.map((run) => run.us));
  const bytes = median(runs.map((run) => run.bytes));
  return {
    what: '`auth.fetch` on a `fetch` that does nothing',
    result: `${us.toFixed(1)} µs and ${bytes.toFixed(0)} bytes allocated a call`,
    reach: '≤ 2 µs, ≤ 1,000 bytes',
    reached: us <= 2 && bytes <= 1_000,
    runs: `${RUNS} of 20,000 calls each`,
    figures: { us, bytes },
  };
}
