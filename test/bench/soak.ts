import { measuredBy } from './child.ts';
import { inThousands, type Row } from './measure.ts';

interface Held {
  readonly heap: number;
  readonly handles: number;
  readonly listeners: number;
}

interface Measured {
  readonly lifetimes: number;
  readonly early: Held;
  readonly late: Held;
}

/** What ten thousand lifetimes of tokens leave behind. */
export async function soak(): Promise<Row> {
  const { lifetimes, early, late } = await measuredBy<Measured>('soak-main.ts');
  const heap = late.heap / early.heap;
  const handles = late.handles / early.handles;
  const listeners = late.listeners / Math.max(1, early.listeners);
  return {
    what: `${inThousands(lifetimes)} renewals of 40 sessions, tokens of a minute at 50 times the speed: what is held at the end over what was held at 10 %`,
    result: `heap ${heap.toFixed(3)}, handles ${handles.toFixed(2)}, listeners ${listeners.toFixed(2)}`,
    reach: '≤ 1.05',
    reached: heap <= 1.05 && handles <= 1.05 && listeners <= 1.05,
    runs: '1',
    figures: { lifetimes, heap, handles, listeners },
  };
}
