import { AuthSession } from './auth-session.ts';
import type { MatrixAuth } from './matrix-auth.ts';
import type { MatrixAuthOptions } from './options.ts';
import { SessionParts } from './session-parts.ts';

/**
 * Makes a session that keeps itself signed in. Nothing happens before `start()`.
 * @throws {CredentialsError} if there is only half of something to sign in with; or nothing, and no `sessions` either
 * @throws {HomeserverAddressError} if the homeserver's address is missing, or is no address
 * @example
 * const auth = createMatrixAuth({
 *   homeserver: 'https://matrix.example.org',
 *   credentials: [accessToken({ token: process.env.ACCESS_TOKEN }), password({ username: 'bot', password: process.env.PASSWORD })],
 *   sessions: sqliteSessions('bot.db'),
 *   client: matrixJsSdk({ onClient: (client) => client.on(RoomEvent.Timeline, answer) }),
 * });
 * const client = await auth.start();
 * process.once('SIGTERM', () => auth.stop());
 */
export function createMatrixAuth<Client = undefined>(
  options: MatrixAuthOptions<Client> = {},
): MatrixAuth<Client> {
  return new AuthSession(new SessionParts(options));
}
