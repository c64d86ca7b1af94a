import type { Difference } from './compare.ts';

/** A difference that is known, and why it is one. What is left out matches everything. */
export interface Documented {
  readonly script?: RegExp;
  readonly step?: RegExp;
  readonly what: RegExp;
  /** As `docs/testing-tools.md` has it, or shorter. */
  readonly because: string;
}

export const documented: readonly Documented[] = [];

export function explains({ script, step, what }: Documented, difference: Difference): boolean {
  return (
    (script === undefined || script.test(difference.script)) &&
    (step === undefined || step.test(difference.step)) &&
    what.test(difference.what)
  );
}
