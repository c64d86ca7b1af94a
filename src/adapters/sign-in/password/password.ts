import { Secret, type SignIn } from '../../../ports/index.ts';
import { localpartOf, namesUser, userIdentifier } from './user-identifier.ts';

export interface PasswordOptions {
  /** `bot`, `@bot` or `@bot:server`: the same user. */
  readonly username: string;
  readonly password: string | Secret;
  /** The device to log in on. Default: that of the stored session, else one derived from the account. */
  readonly deviceId?: string;
}

/** Signs in with a user name and its password: `m.login.password`. */
export function password({ username, password, deviceId }: PasswordOptions): SignIn {
  const secret = password instanceof Secret ? password : new Secret(password);
  return {
    kind: 'password',
    reusable: true,
    attended: false,
    account: {
      name: localpartOf(username).toLowerCase(),
      isUser: (userId) => namesUser(username, userId),
    },
    ...(deviceId === undefined ? {} : { deviceId }),
    advice: {
      refused:
        'The homeserver refused the user name and password. Check MATRIX_USERNAME and MATRIX_PASSWORD, and that the account is not deactivated; ' +
        'then call provideCredentials() or restart. No further login is tried until then, so as not to exhaust the login limit.',
      unsupported:
        'This homeserver does not offer a login with user name and password to this account. ' +
        'Use an access token together with its refresh token (ACCESS_TOKEN and MATRIX_REFRESH_TOKEN), and check that HOMESERVER_URL is the homeserver, and not its federation port (8448).',
    },
    begin: ({ homeserver, deviceId, deviceDisplayName, refreshTokens, signal }) =>
      homeserver.login(
        {
          flow: { type: 'm.login.password', identifier: userIdentifier(username), password: secret },
          deviceId,
          deviceDisplayName,
          refreshToken: refreshTokens,
        },
        { signal },
      ),
  };
}
