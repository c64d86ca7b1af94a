import type { SecretSource, SignIn } from '../../../ports/index.ts';
import { expectedAccount, hidden, loginRequest, userIdentifier, withSecret } from '../shared/index.ts';

export interface PasswordOptions {
  /** `bot`, `@bot` or `@bot:server`: the same user. */
  readonly username: string;
  /** A string, a file, or a function such as a secret manager's: these two are asked at each login, and anew if it is refused. */
  readonly password: SecretSource;
  /** The device to log in on. Default: that of the stored session, else one derived from the account. */
  readonly deviceId?: string;
}

/** Signs in with a user name and its password: `m.login.password`. */
export function password({ username, password, deviceId }: PasswordOptions): SignIn {
  const source = hidden(password);
  return {
    kind: 'password',
    reusable: true,
    attended: false,
    account: expectedAccount(username),
    ...(deviceId === undefined ? {} : { deviceId }),
    advice: {
      refused:
        'The homeserver refused the user name and password. Check MATRIX_USERNAME and MATRIX_PASSWORD, and that the account is not deactivated; ' +
        'then call provideCredentials() or restart. No further login is tried until then, so as not to exhaust the login limit.',
      unsupported:
        'This homeserver does not offer a login with user name and password to this account. ' +
        'Use an access token together with its refresh token (ACCESS_TOKEN and MATRIX_REFRESH_TOKEN), and check that HOMESERVER_URL is the homeserver, and not its federation port (8448).',
    },
    begin: (context) =>
      withSecret(source, { name: 'password', signal: context.signal }, (secret) =>
        context.homeserver.login(
          loginRequest(
            { type: 'm.login.password', identifier: userIdentifier(username), password: secret },
            context,
          ),
          { signal: context.signal },
        ),
      ),
  };
}
