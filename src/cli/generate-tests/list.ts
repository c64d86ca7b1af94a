import type { AuthPathPlan } from '../../testing/index.ts';

/** The plans as text for a terminal. */
export function listOf(plans: readonly AuthPathPlan[]): string {
  return plans
    .map(({ id, name, done, mustHold }) =>
      [
        `${id}: ${name}`,
        ...done.map((sentence, index) => `  ${index + 1}. ${sentence}`),
        '  It must hold:',
        ...mustHold.map((sentence) => `  - ${sentence}`),
        '',
      ].join('\n'),
    )
    .join('\n');
}
