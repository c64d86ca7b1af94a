/** The version of this package; `undefined` in a bundle that has come away from it, which its own commands never are. */
export function packageVersion(): string | undefined {
  try {
    // By its name: how far above this file it is, the build decides.
    const file = new URL(import.meta.resolve('matrix-auth-machine/package.json'));
    const { version } = JSON.parse(process.getBuiltinModule('node:fs').readFileSync(file, 'utf8')) as {
      readonly version?: unknown;
    };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
