import { readSecretFile } from '../../ports/index.ts';
import { CredentialsError } from './credentials-error.ts';

/**
 * The text of the file that a variable such as `ACCESS_TOKEN_FILE` names, see {@link readSecretFile}.
 * @throws {CredentialsError} names the variable and what is wrong with the file
 */
export function secretInFile(variable: string, path: string): string {
  const read = readSecretFile(path);
  if (read.problem === undefined) return read.text;
  throw new CredentialsError(
    `The file that ${variable} names ${read.problem}. Set ${variable} to the path of a file that holds nothing but the secret, or set ${variable.replace(/_FILE$/, '')} to the secret itself.`,
  );
}
