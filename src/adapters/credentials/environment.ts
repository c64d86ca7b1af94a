import type { Credentials } from '../../ports/index.ts';
import { type CredentialOptions, namedCredentials } from './options.ts';

/** The variables that are read. */
export interface CredentialsEnvironment {
  readonly ACCESS_TOKEN?: string | undefined;
  readonly MATRIX_REFRESH_TOKEN?: string | undefined;
  readonly MATRIX_USERNAME?: string | undefined;
  readonly MATRIX_PASSWORD?: string | undefined;
  readonly MATRIX_DEVICE_ID?: string | undefined;
}

const names: Readonly<Record<keyof CredentialOptions, keyof CredentialsEnvironment>> = {
  accessToken: 'ACCESS_TOKEN',
  refreshToken: 'MATRIX_REFRESH_TOKEN',
  username: 'MATRIX_USERNAME',
  password: 'MATRIX_PASSWORD',
  deviceId: 'MATRIX_DEVICE_ID',
};

/**
 * The credentials that the environment holds: `ACCESS_TOKEN` (with `MATRIX_REFRESH_TOKEN`, if there is one),
 * `MATRIX_USERNAME` and `MATRIX_PASSWORD`, or both; and `MATRIX_DEVICE_ID`. An empty variable counts as unset.
 * Nothing is stored, and the environment is left as it is.
 * @throws {CredentialsError} if nothing, or only half of a pair, is given; it names what is missing
 */
export function credentialsFromEnv(env: CredentialsEnvironment = process.env): Credentials {
  return namedCredentials(optionsIn(env), nameOf);
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
  return deviceId === undefined ? {} : { deviceId: deviceId.trim() };
}

function nameOf(option: keyof CredentialOptions): keyof CredentialsEnvironment {
  return names[option];
}

function optionsIn(env: CredentialsEnvironment): Partial<Record<keyof CredentialOptions, string>> {
  return Object.fromEntries(
    Object.entries(names)
      .map(([option, variable]) => [option, env[variable]])
      .filter(([, value]) => value?.trim()),
  );
}
