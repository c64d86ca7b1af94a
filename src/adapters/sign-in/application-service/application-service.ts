import { meaningOf } from '../../../machines/auth/index.ts';
import type { Answer, SecretSource, SignIn, TokenGrant } from '../../../ports/index.ts';
import { expectedAccount, hidden, loginRequest, userIdentifier, withSecret } from '../shared/index.ts';

export interface ApplicationServiceOptions {
  /** The `as_token` of the application service's registration. */
  readonly token: SecretSource;
  /** A user of the application service: `bot`, `@bot` or `@bot:server`. */
  readonly username: string;
  /** The device to log in on. Default: that of the stored session, else one derived from the account. */
  readonly deviceId?: string;
}

/**
 * Signs in as a user of an application service: `m.login.application_service`. The session is an ordinary one, with a
 * device of its own; the `as_token` is sent with logins and with nothing else.
 */
export function applicationService({ token, username, deviceId }: ApplicationServiceOptions): SignIn {
  const source = hidden(token);
  return {
    kind: 'application-service',
    reusable: true,
    attended: false,
    account: expectedAccount(username),
    ...(deviceId === undefined ? {} : { deviceId }),
    advice: {
      refused:
        'The homeserver refused the login of the application service. Check that the as_token is that of its registration, that the homeserver has loaded the registration, ' +
        'that the user is in its namespace, and that the user is registered (POST /_matrix/client/v3/register with the type m.login.application_service).',
      unsupported:
        'This homeserver lets no application service log in: behind the Matrix Authentication Service it asserts the identity of its users instead (?user_id=), and needs no session.',
    },
    begin: (context) =>
      withSecret(source, { name: 'as_token', signal: context.signal }, async (secret) =>
        understood(
          await context.homeserver.login(
            {
              ...loginRequest(
                { type: 'm.login.application_service', identifier: userIdentifier(username) },
                context,
              ),
              accessToken: secret,
            },
            { signal: context.signal },
          ),
        ),
      ),
  };
}

/** Of a user that was never registered, Synapse answers that a row of its database is missing. */
function understood(answer: Answer<TokenGrant>): Answer<TokenGrant> {
  if (answer.ok) return answer;
  const { rejection } = answer;
  const isUnregistered =
    rejection.status === 404 &&
    ['M_UNKNOWN', 'M_NOT_FOUND'].includes(rejection.errcode ?? '') &&
    meaningOf(rejection) === 'transient';
  return isUnregistered ? { ok: false, rejection: { ...rejection, meaning: 'login-refused' } } : answer;
}
