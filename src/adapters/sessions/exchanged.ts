import { meaningOf } from '../../machines/auth/index.ts';
import type { Answer, Secret, StoredSession, TokenGrant } from '../../ports/index.ts';
import type { KeeperResult } from './keeper-result.ts';
import { renewedSession } from './renewed-session.ts';

/** Sends a refresh token to the homeserver, for a new pair. */
export type Exchange = (refreshToken: Secret) => Promise<Answer<TokenGrant>>;

/** The session after its refresh token was exchanged, or the refusal. */
export async function exchanged(
  session: StoredSession | undefined,
  exchange: Exchange,
): Promise<Extract<KeeperResult, { kind: 'renewed' | 'adopted' | 'refused' }>> {
  if (session?.refreshToken === undefined) return gone;
  let spent = session.refreshToken;
  let answer = await exchange(spent);
  // The pair that replaced `previous` never worked: a late refresh of another holder may have killed it.
  if (!answer.ok && session.previous !== undefined && meaningOf(answer.rejection) === 'refresh-dead') {
    spent = session.previous;
    answer = await exchange(spent);
  }
  if (!answer.ok) return { kind: 'refused', rejection: answer.rejection };
  return {
    kind: 'renewed',
    session: renewedSession(session, answer.value, session.generation + 1, spent),
  };
}

/** The stored session went away, or lost its refresh token: nothing to exchange. */
const gone = {
  kind: 'refused',
  rejection: { endpoint: 'refresh', status: 401, errcode: 'M_UNKNOWN_TOKEN' },
} as const;
