import type { Difference } from './compare.ts';

/** A difference that is known, and why it is one. What is left out matches everything. */
export interface Known {
  readonly step?: RegExp;
  readonly what: RegExp;
  readonly because: string;
}

/**
 * All differences that there may be, and that there have to be: what `docs/testing-tools.md` says under "Where it
 * differs from Synapse".
 */
export const known: readonly Known[] = [
  {
    step: /^GET \/capabilities/,
    what: /^body\.capabilities\.m\.room_versions\.available\.(?!11:)/,
    because: 'The event format is that of room version 11, and no other can be asked for.',
  },
  {
    step: /versions$/,
    what: /^body\.unstable_features\./,
    because: 'It claims no unstable feature.',
  },
  {
    step: /^GET \/capabilities/,
    what: /^body\.capabilities\.org\.matrix\./,
    because: 'It claims no unstable capability.',
  },
  {
    step: /^GET \/pushrules/,
    what: /^body\.global\./,
    because: 'Push rules are empty.',
  },
  {
    step: /^GET \/sync/,
    what: /^body\.account_data\.events\[m\.push_rules\]\.content\.global\./,
    because: 'Push rules are empty: they are not in the account data either.',
  },
  {
    step: /^GET \/rooms\/\{room\}\/messages\?dir=b&limit=0$/,
    what: /^body\.end: only on Synapse/,
    because: '`limit=0` on `/messages` answers without `end`.',
  },
];

export function explains({ step, what }: Known, difference: Difference): boolean {
  return (step === undefined || step.test(difference.step)) && what.test(difference.what);
}
