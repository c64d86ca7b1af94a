/** A line of the table. */
export interface Row {
  readonly what: string;
  readonly result: string;
  /** What it should be; absent where nothing is asked of it. */
  readonly reach?: string;
  readonly reached?: boolean;
  readonly runs: string;
  /** The same as figures, for the JSON. */
  readonly figures: Readonly<Record<string, number>>;
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  if (low === undefined || high === undefined) throw new RangeError('There is no median of nothing.');
  return (low + high) / 2;
}

export interface Comparison {
  /** Median of what the subject took, in ms. */
  readonly subjectMs: number;
  readonly referenceMs: number;
  /** Median of the ratios, each within one run. */
  readonly ratio: number;
  /** Half of the ratios lie between these two. */
  readonly ratioRange: readonly [low: number, high: number];
}

/**
 * Measures two things in turn, a pair in each run, now the one first and now the other: what slows the machine down for
 * a while slows down both. The first run warms up and does not count.
 */
export async function compare(
  runs: number,
  subject: () => Promise<number>,
  reference: () => Promise<number>,
): Promise<Comparison> {
  const pairs: { readonly subject: number; readonly reference: number }[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const pair = { subject: Number.NaN, reference: Number.NaN };
    for (const side of run % 2 === 0
      ? (['subject', 'reference'] as const)
      : (['reference', 'subject'] as const)) {
      pair[side] = await (side === 'subject' ? subject : reference)();
    }
    if (run > 0) pairs.push(pair);
  }
  const ratios = pairs.map((pair) => pair.subject / pair.reference).toSorted((a, b) => a - b);
  const quarter = Math.floor(ratios.length / 4);
  return {
    subjectMs: median(pairs.map((pair) => pair.subject)),
    referenceMs: median(pairs.map((pair) => pair.reference)),
    ratio: median(ratios),
    ratioRange: [ratios[quarter] ?? Number.NaN, ratios[ratios.length - 1 - quarter] ?? Number.NaN],
  };
}

/** Below it lies this share of the values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  if (value === undefined) throw new RangeError('There is no percentile of nothing.');
  return value;
}

export function inThousands(value: number): string {
  return Math.round(value).toLocaleString('en');
}
