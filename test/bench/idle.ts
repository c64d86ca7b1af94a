import { measuredBy } from './child.ts';
import { inThousands, median, type Row } from './measure.ts';

const RUNS = 3;

interface Idle {
  readonly bytes: number;
  readonly perSecond: number;
}

/** What a session costs that is signed in and waits for its next refresh, and how fast such sessions are created. */
export async function idle(): Promise<Row[]> {
  const runs: Idle[] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await measuredBy<Idle>('idle-main.ts'));
  const kib = median(runs.map(({ bytes }) => bytes)) / 1_024;
  const perSecond = median(runs.map((run) => run.perSecond));
  return [
    {
      what: 'Heap of an idle session, over 10,000 of them, memory store',
      result: `${kib.toFixed(1)} KiB`,
      reach: '≤ 10 KiB',
      reached: kib <= 10,
      runs: String(RUNS),
      figures: { kib },
    },
    {
      what: 'Sessions created and valid per second, from stored sessions, without a network',
      result: inThousands(perSecond),
      reach: '≥ 5,000',
      reached: perSecond >= 5_000,
      runs: String(RUNS),
      figures: { perSecond },
    },
  ];
}
