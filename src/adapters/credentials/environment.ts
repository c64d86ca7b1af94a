import type { Credentials } from '../../ports/index.ts';
import { bare, unquoted } from '../../ports/as-typed.ts';
import { CredentialsError } from './credentials-error.ts';
import { type CredentialOptions, namedCredentials } from './options.ts';
import { secretInFile } from './secret-file.ts';

/** The variables that are read. */
export interface CredentialsEnvironment {
  readonly ACCESS_TOKEN?: string | undefined;
  readonly MATRIX_REFRESH_TOKEN?: string | undefined;
  readonly MATRIX_USERNAME?: string | undefined;
  readonly MATRIX_PASSWORD?: string | undefined;
  readonly MATRIX_DEVICE_ID?: string | undefined;
  /** The path of a file that holds the access token, such as a Docker secret. */
  readonly ACCESS_TOKEN_FILE?: string | undefined;
  readonly MATRIX_REFRESH_TOKEN_FILE?: string | undefined;
  readonly MATRIX_PASSWORD_FILE?: string | undefined;
}

type Variable = Exclude<keyof CredentialsEnvironment, `${string}_FILE`>;

const names: Readonly<Record<keyof CredentialOptions, Variable>> = {
  accessToken: 'ACCESS_TOKEN',
  refreshToken: 'MATRIX_REFRESH_TOKEN',
  username: 'MATRIX_USERNAME',
  password: 'MATRIX_PASSWORD',
  deviceId: 'MATRIX_DEVICE_ID',
};

/** The secrets, which may also come from a file. */
const files = {
  ACCESS_TOKEN: 'ACCESS_TOKEN_FILE',
  MATRIX_REFRESH_TOKEN: 'MATRIX_REFRESH_TOKEN_FILE',
  MATRIX_PASSWORD: 'MATRIX_PASSWORD_FILE',
} as const satisfies Partial<Record<Variable, keyof CredentialsEnvironment>>;

/**
 * The credentials that the environment holds: `ACCESS_TOKEN` (with `MATRIX_REFRESH_TOKEN`, if there is one),
 * `MATRIX_USERNAME` and `MATRIX_PASSWORD`, or both; and `MATRIX_DEVICE_ID`. An empty variable counts as unset.
 * Nothing is stored, and the environment is left as it is.
 *
 * A secret may come from a file instead: `ACCESS_TOKEN_FILE`, `MATRIX_REFRESH_TOKEN_FILE`, `MATRIX_PASSWORD_FILE`. A byte
 * order mark and one line end at the file's end are no part of it. An outer pair of quotation marks is no part of a
 * token, nor of a variable's value: nearly everything that reads env-files takes them away, and `docker run --env-file`
 * does not. A password that has them is written with a second pair around it, or in a file, which is taken as it is.
 * @throws {CredentialsError} if nothing, or only half of a pair, is given, or a file cannot be read; it names the variable
 */
export function credentialsFromEnv(env: CredentialsEnvironment = process.env): Credentials {
  const given = namedCredentials(optionsIn(env), nameOf);
  const file = bare(env.MATRIX_PASSWORD_FILE ?? '');
  // The file may be replaced while the bot runs: it is read again at each login.
  return given.login === undefined || file === ''
    ? given
    : { ...given, login: { ...given.login, password: { file } } };
}

/**
 * What to sign in with where nothing was said: {@link credentialsFromEnv}. With `mayBeStored`, an environment with nothing
 * to sign in with is no error, for there may be a session that is stored already.
 * @throws {CredentialsError} if only half of a pair is given, or without `mayBeStored` nothing; it names what is missing
 */
export function defaultCredentials(
  mayBeStored: boolean,
  env: CredentialsEnvironment = process.env,
): Credentials {
  const { deviceId, ...rest } = optionsIn(env);
  if (!mayBeStored || Object.keys(rest).length > 0) return credentialsFromEnv(env);
  return deviceId === undefined ? {} : { deviceId: bare(deviceId) };
}

function nameOf(option: keyof CredentialOptions): Variable {
  return names[option];
}

function optionsIn(env: CredentialsEnvironment): Partial<Record<keyof CredentialOptions, string>> {
  return Object.fromEntries(
    Object.entries(names)
      .map(([option, variable]) => [option, valueOf(variable, env)])
      .filter(([, value]) => value !== undefined),
  );
}

function valueOf(variable: Variable, env: CredentialsEnvironment): string | undefined {
  const value = env[variable];
  const given = value === undefined || bare(value) === '' ? undefined : unquotedOf(variable, value);
  const file = variable in files ? files[variable as keyof typeof files] : undefined;
  const path = file && bare(env[file] ?? '');
  if (file === undefined || path === undefined || path === '') return given;
  if (given !== undefined) {
    throw new CredentialsError(
      `Both ${variable} and ${file} are set. Set one of them, and remove the other.`,
    );
  }
  return secretInFile(file, path);
}

/** The password is the one value whose blanks count. */
function unquotedOf(variable: Variable, value: string): string {
  return variable === 'MATRIX_PASSWORD' ? unquoted(value) : value;
}
