import { randomBytes } from 'node:crypto';
import { createHomeserver } from '../../adapters/homeserver/index.ts';
import { password } from '../../adapters/sign-in/index.ts';
import { createMatrixAuth } from '../../auth/create-matrix-auth.ts';
import { AuthFailedError } from '../../auth/errors.ts';
import { meaningOf, rejectionText } from '../../machines/index.ts';
import type { Credentials } from '../../ports/index.ts';
import type { StoreAddress } from '../source/source.ts';
import { openSessions } from '../source/store.ts';
import { clock, oneLine, span } from '../words.ts';
import type { Finding } from './finding.ts';

const PATIENCE_MS = 30_000;

/** Renews the stored session, which has this generation, as the bot does; beside a bot that runs, or without one. */
export async function tryRenewal(
  url: string,
  address: StoreAddress,
  generation: number | undefined,
  fetch: typeof globalThis.fetch,
): Promise<Finding> {
  const { sessions, close } = await openSessions(address);
  const auth = createMatrixAuth({
    homeserver: url,
    credentials: {},
    sessions,
    sessionName: address.session,
    fetch,
    logger: false,
  });
  const late = AbortSignal.timeout(PATIENCE_MS);
  const tooLate = new Promise<never>((_, reject) => {
    late.addEventListener('abort', () => reject(late.reason as Error), { once: true });
  });
  try {
    await Promise.race([auth.start(), tooLate]);
    // A token that was dead has been renewed by the start already.
    if (auth.snapshot().generation === generation) await Promise.race([auth.refresh(), tooLate]);
    const { expiresAt } = auth.snapshot();
    const now = Date.now();
    const end = expiresAt === undefined ? '' : `; the new token is good until ${clock(expiresAt, now)}`;
    return { level: 'good', code: 'renewal-tried', says: `A renewal was tried, and went well${end}.` };
  } catch (error) {
    if (error instanceof AuthFailedError) {
      const says = `A renewal was tried, and the session has failed (${error.reason}).`;
      return { level: 'attention', code: 'renewal-tried', says, toDo: error.advice };
    }
    return {
      level: 'unknown',
      code: 'renewal-tried',
      says: `A renewal was tried, and did not come to an end within ${PATIENCE_MS / 1_000} s.`,
      toDo: 'Ask again later. What is stored of the session is as good as before.',
    };
  } finally {
    await auth.stop();
    await close();
  }
}

/** Logs in once with the password, on a device of its own, and logs out again. The bot's own device is not touched. */
export async function tryLogin(
  url: string,
  login: NonNullable<Credentials['login']>,
  fetch: typeof globalThis.fetch,
): Promise<Finding> {
  const homeserver = createHomeserver({ url, fetch, timeoutMs: PATIENCE_MS });
  const answer = await password(login).begin({
    homeserver,
    homeserverUrl: url,
    fetch,
    deviceId: `MAMDOCTOR${randomBytes(6).toString('hex').toUpperCase()}`,
    deviceDisplayName: 'matrix-auth-machine doctor',
    refreshTokens: true,
    signal: AbortSignal.timeout(PATIENCE_MS),
    ask: () => undefined,
  });
  if (!answer.ok) {
    const isRefused = ['login-refused', 'deactivated', 'unsupported'].includes(meaningOf(answer.rejection));
    return {
      level: isRefused ? 'attention' : 'unknown',
      code: 'login-tried',
      says: `A login was tried, and ${isRefused ? 'refused' : 'not answered'} (${oneLine(rejectionText(answer.rejection))}).`,
      toDo: isRefused
        ? 'Check MATRIX_USERNAME and MATRIX_PASSWORD, and that the account is not deactivated.'
        : 'Ask again later.',
    };
  }
  const { accessToken, refreshToken, expiresInMs, userId, deviceId } = answer.value;
  const ended = await homeserver.logout(accessToken);
  const left = ended.ok ? '' : ` Its device ${deviceId} could not be removed; remove it by hand.`;
  const lifetime = expiresInMs === undefined ? 'have no end' : `live for ${span(expiresInMs)}`;
  const renewal =
    refreshToken === undefined ? 'there are no refresh tokens' : 'there is a refresh token with them';
  return {
    level: 'good',
    code: 'login-tried',
    says: `A login was tried, and went well: ${userId ?? 'the account'}. Its tokens ${lifetime}, and ${renewal}.${left}`,
  };
}
