import type { Answered } from './play.ts';
import { shapeDifferences } from './shape.ts';

const NAMES = ['the test homeserver', 'Synapse'] as const;

/** One way in which the two answered a step differently. */
export interface Difference {
  /** The script, by its theme and name. */
  readonly script: string;
  readonly step: string;
  readonly what: string;
}

export function compare(
  script: string,
  ours: readonly Answered[],
  synapses: readonly Answered[],
): Difference[] {
  return ours.flatMap((our, index) => {
    const theirs = synapses[index];
    if (theirs === undefined) throw new Error(`Synapse was not asked: ${script}, ${our.step}.`);
    const values = (['status', 'errcode', 'softLogout', 'contentType', 'retryAfter'] as const)
      .filter((key) => our[key] !== theirs[key])
      .map((key) => `${key}: ${String(our[key])} on ${NAMES[0]}, ${String(theirs[key])} on ${NAMES[1]}`);
    // A success and a refusal have nothing in common.
    const shapes = our.status === theirs.status ? shapeDifferences(our.body, theirs.body, NAMES) : [];
    return [...values, ...shapes].map((what) => ({ script, step: our.step, what }));
  });
}

export const inWords = ({ script, step, what }: Difference) => `${script}, ${step}: ${what}`;
