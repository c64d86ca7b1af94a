import { readFileSync } from 'node:fs';
import { CredentialsError } from './credentials-error.ts';

/** What is wrong with a file, by the system's code. */
const problems: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  EISDIR: 'is a folder',
};

/**
 * The text of the file that a variable such as `ACCESS_TOKEN_FILE` names: without a byte order mark, and without one
 * line end at its end. UTF-16, as PowerShell writes it, is understood where it begins with its mark.
 * @throws {CredentialsError} names the variable and what is wrong with the file; neither its path nor its content, since
 * people also put the secret itself there
 */
export function readSecretFile(variable: string, path: string): string {
  const wrong = (problem: string) =>
    new CredentialsError(
      `The file that ${variable} names ${problem}. Set ${variable} to the path of a file that holds nothing but the secret, or set ${variable.replace(/_FILE$/, '')} to the secret itself.`,
    );
  let bytes: Buffer;
  try {
    bytes = readFileSync(path.trim());
  } catch (error) {
    throw wrong(problems[(error as NodeJS.ErrnoException).code ?? ''] ?? 'cannot be read');
  }
  const text = decoded(bytes);
  if (text === undefined) throw wrong('is not text');
  if (text.trim() === '') throw wrong('is empty');
  return text.replace(/\r?\n$|\r$/, '');
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
