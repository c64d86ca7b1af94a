import { oauthError } from './oauth-error.ts';

const stable = 'urn:matrix:client:';
const unstable = 'urn:matrix:org.matrix.msc2967.client:';

/** The prefixes of scopes that are known here. */
export const prefixesOf = {
  both: [stable, unstable],
  stable: [stable],
  unstable: [unstable],
} as const;

/**
 * The device that a scope is for: it asks for the whole API, and for one device.
 * @throws MatrixError 400 `invalid_scope`
 */
export function deviceIn(scope: string, prefixes: readonly string[]): string {
  const parts = scope.split(' ');
  const after = (name: string) =>
    parts.flatMap((part) => {
      const prefix = prefixes.find((one) => part.startsWith(`${one}${name}:`));
      return prefix === undefined ? [] : [part.slice(prefix.length + name.length + 1)];
    });
  const [device, ...others] = after('device');
  if (!after('api').includes('*') || device === undefined || others.length > 0 || device.length < 10) {
    throw oauthError(400, 'invalid_scope', 'Ask for the API and for one device, of ten letters or more.');
  }
  return device;
}
