/** SHA-256 of a text. */
export function sha256(text: string, encoding: 'hex' | 'base64url' = 'hex'): string {
  // Not imported above: it takes as long to load as a third of this package, and whoever imports that may need no hash.
  return process.getBuiltinModule('node:crypto').hash('sha256', text, encoding);
}
