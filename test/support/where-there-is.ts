import { describe, it } from 'vitest';

/**
 * A suite that needs something which a computer may lack. Where `missing` says why it cannot be had, the suite is
 * skipped, with the reason in its name; with `CI=true` it fails instead.
 */
export function describeWhereThereIs(
  what: string,
  missing: string | undefined,
  name: string,
  limits: { readonly timeout?: number },
  suite: () => void,
): void {
  if (missing === undefined) describe(name, limits, suite);
  else if (process.env['CI'] === 'true') {
    it(name, () => {
      throw new Error(`${what} is needed in CI and cannot be had: ${missing}.`);
    });
  } else describe.skipIf(true)(`${name} (skipped, ${missing})`, limits, suite);
}
