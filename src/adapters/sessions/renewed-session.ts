import type { Secret, StoredSession, TokenGrant } from '../../ports/index.ts';

/**
 * The session after a grant of new tokens.
 * @param spent the refresh token that was exchanged for them; `undefined` after a login
 */
export function renewedSession(
  before: StoredSession | undefined,
  grant: TokenGrant,
  generation: number,
  spent: Secret | undefined,
): StoredSession {
  const userId = grant.userId ?? before?.userId;
  const deviceId = grant.deviceId ?? before?.deviceId;
  // Without a new refresh token in the answer, the old one can be used again (specification, POST /refresh).
  const refreshToken = grant.refreshToken ?? spent;
  return {
    ...(userId === undefined ? {} : { userId }),
    ...(deviceId === undefined ? {} : { deviceId }),
    generation,
    accessToken: grant.accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(spent === undefined || grant.refreshToken === undefined ? {} : { previous: spent }),
    obtainedAt: grant.sentAt,
    ...(grant.expiresInMs === undefined ? {} : { expiresAt: grant.sentAt + grant.expiresInMs }),
  };
}
