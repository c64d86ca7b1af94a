import { type Credentials, Secret, type SecretSource } from '../../ports/index.ts';
import { bare, bareToken, isPlaceholder } from '../../ports/as-typed.ts';
import { CredentialsError } from './credentials-error.ts';
import { userNameProblem } from './user-name.ts';

/** What a bot can sign in with, as options. Strings are wrapped at once, so that they cannot be printed by accident. */
export interface CredentialOptions {
  /** A token that exists already. It is used first. */
  readonly accessToken?: string | Secret;
  /** The refresh token that belongs to `accessToken`. */
  readonly refreshToken?: string | Secret;
  /**
   * `bot`, `@bot` or `@bot:server`: the same user. An e-mail address or a phone number (`+491701234567`) signs in the
   * user whom the homeserver knows by it.
   */
  readonly username?: string;
  /** A string, a file, or a function; these two are asked anew at each login. */
  readonly password?: SecretSource;
  /** The device of the session. Default: that of the stored session, else one derived from the account. */
  readonly deviceId?: string;
}

type Missing = readonly (keyof CredentialOptions)[];

/**
 * Credentials from options: an access token, a user name with its password, or both.
 * @throws {CredentialsError} if nothing, or only half of a pair, is given; it names what is missing
 */
export function credentials(options: CredentialOptions): Credentials {
  return namedCredentials(options, (option) => option);
}

/** {@link credentials}, whose errors call an option by the name that its giver knows. */
export function namedCredentials(
  options: CredentialOptions,
  nameOf: (option: keyof CredentialOptions) => string,
): Credentials {
  const incomplete = (...missing: readonly Missing[]) => {
    const ways = missing.map((way) => way.map(nameOf).join(' and '));
    return new CredentialsError(
      ways.length > 1
        ? `There is nothing to sign in with. Set ${ways.join(', or ')}.`
        : `The credentials are incomplete: ${ways.join()} is missing. Set it, or remove what it belongs to.`,
    );
  };
  const accessToken = token(options.accessToken, nameOf('accessToken'));
  const refreshToken = token(options.refreshToken, nameOf('refreshToken'));
  const password = secret(options.password);
  const username = blankless(options.username);
  const deviceId = blankless(options.deviceId);
  if (username === undefined && password !== undefined) throw incomplete(['username']);
  if (username !== undefined && password === undefined) throw incomplete(['password']);
  if (refreshToken !== undefined && accessToken === undefined) throw incomplete(['accessToken']);
  if (accessToken === undefined && username === undefined) {
    throw incomplete(['accessToken'], ['username', 'password']);
  }
  const problem = username === undefined ? undefined : userNameProblem(username);
  if (problem !== undefined) throw new CredentialsError(`The value of ${nameOf('username')} ${problem}`);
  return {
    ...(accessToken === undefined ? {} : { accessToken }),
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(username === undefined || password === undefined ? {} : { login: { username, password } }),
    ...(deviceId === undefined ? {} : { deviceId }),
  };
}

function blankless(text: string | undefined): string | undefined {
  const given = text === undefined ? '' : bare(text);
  return given === '' ? undefined : given;
}

function secret(value: SecretSource | undefined): SecretSource | undefined {
  if (typeof value !== 'string') return value;
  return value === '' ? undefined : new Secret(value);
}

/** A token without what is no part of it: blanks and line ends, quotation marks, a byte order mark. */
function token(value: string | Secret | undefined, name: string): Secret | undefined {
  const text = bareToken(value instanceof Secret ? value.reveal() : (value ?? ''));
  if (text === '') return undefined;
  const problem = tokenProblem(text);
  if (problem !== undefined) throw new CredentialsError(`The value of ${name} is no token: ${problem}`);
  return value instanceof Secret && value.reveal() === text ? value : new Secret(text);
}

/** Why this cannot be a token, and what to do, as the rest of a sentence. It repeats nothing of it. */
function tokenProblem(text: string): string | undefined {
  if (isPlaceholder(text)) return 'nothing was put in the place of its placeholder. Put the token there.';
  if (/^\{.*\}$/s.test(text)) return 'it is JSON. Give the value of "access_token" or "refresh_token" alone.';
  if (/[\r\n]/.test(text)) return 'there is a line break in it. Copy it again, in one line.';
  if (/\s/.test(text)) return 'there is a blank in it. Copy the token again, and nothing else.';
  if (text.length > 16_000) return 'it is longer than a request can carry. Copy the token alone.';
  if (!/^[!-~]+$/.test(text)) return 'there are characters in it that no request can carry. Copy it again.';
  return undefined;
}
