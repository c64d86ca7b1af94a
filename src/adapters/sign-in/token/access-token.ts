import { meaningOf } from '../../../machines/auth/index.ts';
import { Secret, type SignIn } from '../../../ports/index.ts';

export interface AccessTokenOptions {
  /** A token that exists already. */
  readonly token: string | Secret;
  /** The refresh token that belongs to it. */
  readonly refreshToken?: string | Secret;
  /** The device of the token, if a later login is to use it. Default: what the homeserver says. */
  readonly deviceId?: string;
}

/** Signs in with an access token that exists already, and with the refresh token that belongs to it, if there is one. */
export function accessToken({ token, refreshToken, deviceId }: AccessTokenOptions): SignIn {
  const given = {
    accessToken: secretOf(token),
    ...(refreshToken === undefined ? {} : { refreshToken: secretOf(refreshToken) }),
  };
  return {
    kind: 'token',
    reusable: false,
    attended: false,
    ...(deviceId === undefined ? {} : { deviceId }),
    given,
    advice: {
      refused:
        'The homeserver refused the access token. Put a new ACCESS_TOKEN in place, or set MATRIX_USERNAME and MATRIX_PASSWORD so that the bot can sign in again by itself.',
      unsupported:
        'The homeserver could not say whose access token this is. Check that HOMESERVER_URL is the homeserver.',
    },
    async begin({ homeserver, signal }) {
      const sentAt = Date.now();
      const answer = await homeserver.whoami(given.accessToken, { signal });
      if (answer.ok) return { ok: true, value: { ...given, ...answer.value, sentAt } };
      if (meaningOf(answer.rejection) !== 'token-dead') return answer;
      const renewed = given.refreshToken && (await homeserver.refresh(given.refreshToken, { signal }));
      if (renewed?.ok === true) return renewed;
      const rejection = renewed?.rejection ?? answer.rejection;
      // What is dead here is a way to sign in, and not a session that could be renewed.
      const dead = ['token-dead', 'refresh-dead'].includes(meaningOf(rejection));
      return { ok: false, rejection: dead ? { ...rejection, meaning: 'login-refused' } : rejection };
    },
  };
}

function secretOf(value: string | Secret): Secret {
  return value instanceof Secret ? value : new Secret(value);
}
