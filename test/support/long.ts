/** The environment variable that `npm run test:long` sets. */
export const LONG_FORM = 'TEST_LONG';

/** How often something is done, or for how long: `short` in `npm test`, `long` in `npm run test:long`. */
export function rounds<T>({ short, long }: { readonly short: T; readonly long: T }): T {
  return process.env[LONG_FORM] === '1' ? long : short;
}
