import type { SecretSource, SignIn } from '../../../ports/index.ts';
import { expectedAccount, hidden, isFixed, loginRequest, ofAccount, withSecret } from '../shared/index.ts';

export interface JwtOptions {
  /** A function that mints the token; it is asked at each login. A string or a file is good for as long as the token is. */
  readonly token: SecretSource;
  /** Whose account the token signs in to, if it is to be checked: `bot`, `@bot` or `@bot:server`. */
  readonly username?: string;
  /** The device to log in on. Default: that of the stored session, else one derived from the account. */
  readonly deviceId?: string;
}

/** Signs in with a JSON Web Token of the homeserver's owner: `org.matrix.login.jwt`, which Synapse has. */
export function jwt({ token, username, deviceId }: JwtOptions): SignIn {
  const source = hidden(token);
  const account = username === undefined ? undefined : expectedAccount(username);
  return {
    kind: 'jwt',
    reusable: true,
    attended: false,
    ...(account === undefined ? {} : { account }),
    ...(deviceId === undefined ? {} : { deviceId }),
    advice: {
      refused:
        `The homeserver refused the JSON Web Token${username === undefined ? '' : `, or it is not that of ${username}`}. ` +
        'Check its signature, issuer, audience, subject and expiry against the jwt_config of the homeserver' +
        `${isFixed(source) ? '; give a function that mints a new token, so that the bot can sign in again' : ''}; then call retry() or restart.`,
      unsupported:
        'This homeserver does not take JSON Web Tokens. On Synapse jwt_config turns them on; behind the Matrix Authentication Service there are none.',
    },
    begin: (context) =>
      withSecret(source, { name: 'JSON Web Token', signal: context.signal }, async (secret) => {
        const request = loginRequest({ type: 'org.matrix.login.jwt', token: secret }, context);
        return ofAccount(await context.homeserver.login(request, { signal: context.signal }), account);
      }),
  };
}
