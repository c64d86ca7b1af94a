import type { Secret } from './secret.ts';
import type { SecretSource } from './secret-source.ts';

/** What a bot can sign in with. Without `accessToken` and `login` it has to be a stored session. */
export interface Credentials {
  /** A token that exists already. It is used first. */
  readonly accessToken?: Secret;
  /** The refresh token that belongs to `accessToken`. */
  readonly refreshToken?: Secret;
  /** How to get a token when there is none, or when it has died for good. */
  readonly login?: PasswordLogin;
  /** The device of the session. Default: that of the stored session, else one derived from the account. */
  readonly deviceId?: string;
}

/** A user name and its password. */
export interface PasswordLogin {
  /** `bot`, `@bot` or `@bot:server`: the same user. */
  readonly username: string;
  /** A string, a file, or a function; these two are asked anew at each login. */
  readonly password: SecretSource;
}
