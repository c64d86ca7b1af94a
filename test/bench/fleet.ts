import { measuredBy } from './child.ts';
import type { Row } from './measure.ts';

interface Measured {
  readonly peakOverMean: number;
  readonly delayP99Ms: number;
  /** Share of one core. */
  readonly cpu: number;
}

/** Ten thousand sessions in one process. */
export async function fleet(): Promise<Row> {
  const { peakOverMean, delayP99Ms, cpu } = await measuredBy<Measured>('fleet-main.ts');
  return {
    what: 'A fleet of 10,000 sessions started at once, tokens of 60 s, without a network: peak second of refreshes over the mean; event-loop delay, p99; CPU',
    result: `${peakOverMean.toFixed(1)}; ${delayP99Ms.toFixed(1)} ms; ${(100 * cpu).toFixed(0)} % of one core`,
    reach: '≤ 2; ≤ 10 ms; ≤ 10 %',
    reached: peakOverMean <= 2 && delayP99Ms <= 10 && cpu <= 0.1,
    runs: '1 of 75 s',
    figures: { peakOverMean, delayP99Ms, cpu },
  };
}
