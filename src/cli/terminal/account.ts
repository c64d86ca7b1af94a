import { credentials, credentialsFromEnv, CredentialsError } from '../../adapters/credentials/index.ts';
import { password as byPassword } from '../../adapters/sign-in/index.ts';
import { Secret } from '../../ports/index.ts';
import { readSecretFile } from '../../ports/secret-file.ts';
import { UsageError } from '../errors.ts';
import { ask, askHidden, isTerminal, readInput } from './prompt.ts';

export interface AccountOptions {
  /** Whose account: of the command line. */
  readonly user?: string;
  readonly passwordStdin?: true;
}

export interface Account {
  readonly username: string;
  readonly password: Secret;
}

/**
 * A user name and a password: of the command line, of the environment, or as they are typed in. A password is never an
 * argument, since the list of processes shows those.
 * @throws {UsageError} if something is missing and there is no terminal to ask in
 * @throws {InterruptedError}
 */
export async function accountOf(
  { user, passwordStdin }: AccountOptions,
  { userId }: { readonly userId?: string | undefined } = {},
): Promise<Account> {
  const { MATRIX_USERNAME, MATRIX_PASSWORD, MATRIX_PASSWORD_FILE } = process.env;
  const known = user ?? userId ?? nonEmpty(MATRIX_USERNAME);
  if (known === undefined && !isTerminal()) {
    throw new UsageError(
      'there is no terminal to ask for the user name in. Give it with --user, or in MATRIX_USERNAME.',
    );
  }
  const username = known ?? (await ask('User name: '));
  // The environment's password is not for everybody.
  const isEnvironments = means(nonEmpty(MATRIX_USERNAME)?.trim(), username);
  const read = (password: string) => {
    if (password === '') throw new UsageError('the password is empty.');
    return credentials({ username, password });
  };
  const { login } = await usable(async () => {
    if (passwordStdin === true) return read(await readInput('--password-stdin', 'password'));
    if (isEnvironments && (nonEmpty(MATRIX_PASSWORD) ?? nonEmpty(MATRIX_PASSWORD_FILE)) !== undefined) {
      return credentialsFromEnv({ MATRIX_USERNAME: username, MATRIX_PASSWORD, MATRIX_PASSWORD_FILE });
    }
    if (isTerminal()) return read(await askHidden(`Password of ${username} (not shown): `));
    throw new UsageError(
      'there is no terminal to ask for the password in. Set MATRIX_PASSWORD_FILE or MATRIX_PASSWORD, or give it by a pipe with --password-stdin.',
    );
  });
  const { password } = login ?? {};
  if (password instanceof Secret) return { username, password };
  // The environment names a file, which could be read just now.
  const { text = '' } = { ...readSecretFile(MATRIX_PASSWORD_FILE ?? '') } as { readonly text?: string };
  return { username, password: new Secret(text) };
}

/** Whether the environment's user name, if there is one, means this user. */
function means(name: string | undefined, username: string): boolean {
  if (name === undefined || name === username) return true;
  return (
    /^@.+:/.test(username) && byPassword({ username: name, password: '' }).account?.isUser(username) === true
  );
}

async function usable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CredentialsError) throw new UsageError(error.message);
    throw error;
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}
