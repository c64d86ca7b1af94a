/** What is wrong with a file, by the system's code. */
const problems: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  EISDIR: 'is a folder',
};

/**
 * The text of a file that holds a secret: without a byte order mark, and without one line end at its end. UTF-16, as
 * PowerShell writes it, is understood where it begins with its mark. A file that cannot be used is a problem, as the rest
 * of a sentence; neither its path nor its content is in it, since people also put the secret itself where a path belongs.
 */
export function readSecretFile(
  path: string,
): { readonly text: string; readonly problem?: undefined } | { readonly problem: string } {
  let bytes: Buffer;
  try {
    bytes = process.getBuiltinModule('node:fs').readFileSync(path.trim());
  } catch (error) {
    return { problem: problems[(error as NodeJS.ErrnoException).code ?? ''] ?? 'cannot be read' };
  }
  const text = decoded(bytes);
  if (text === undefined) return { problem: 'is not text' };
  if (text.trim() === '') return { problem: 'is empty' };
  return { text: text.replace(/\r?\n$|\r$/, '') };
}

function decoded(bytes: Buffer): string | undefined {
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = { fffe: 'utf-16le', feff: 'utf-16be' }[mark] ?? 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
