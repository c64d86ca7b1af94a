import {
  type Answer,
  type Secret,
  type SecretSource,
  type SignIn,
  type TokenGrant,
} from '../../../ports/index.ts';
import { hidden, isFixed, loginRequest, withSecret } from '../shared/index.ts';

export interface LoginTokenOptions {
  /**
   * A login token is good for one login, within minutes. A string signs in once; a function or a file, which is asked for
   * another token each time, again and again.
   */
  readonly token: SecretSource;
  /** The device to log in on. Default: that of the stored session, else one derived from the session's name. */
  readonly deviceId?: string;
}

/**
 * Signs in with a login token: `m.login.token`. Single sign-on ends with one, and `POST /login/get_token` gives one to
 * whoever is signed in already.
 */
export function loginToken({ token, deviceId }: LoginTokenOptions): SignIn {
  const source = hidden(token);
  /** The token that has signed in: it cannot do so again. */
  let spent: Secret | undefined;
  return {
    kind: 'login-token',
    reusable: !isFixed(source),
    attended: false,
    ...(deviceId === undefined ? {} : { deviceId }),
    advice: {
      refused:
        'The homeserver refused the login token: it is good for one login, and for a few minutes. Give a new one with provideCredentials(), ' +
        'or a function that gets one each time.',
      unsupported:
        'This homeserver does not take login tokens. Use another way to sign in, such as a password or OAuth 2.0.',
    },
    begin: (context) =>
      withSecret(source, { name: 'login token', signal: context.signal }, async (secret) => {
        if (spent?.equals(secret) === true) return used;
        const answer = await context.homeserver.login(
          loginRequest({ type: 'm.login.token', token: secret }, context),
          { signal: context.signal },
        );
        if (answer.ok) spent = secret;
        return answer;
      }),
  };
}

/** What the homeserver would say; it is not asked. */
const used: Answer<TokenGrant> = {
  ok: false,
  rejection: { endpoint: 'login', status: 403, errcode: 'M_FORBIDDEN' },
};
