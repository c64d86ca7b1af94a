import { AuthFailedError } from '../../auth/errors.ts';
import type { MatrixAuth } from '../../auth/matrix-auth.ts';
import type { FailureReason } from '../../machines/index.ts';
import { InterruptedError, RefusedError, UnreachableError } from '../errors.ts';

/** A command is waited for by a person, or by a script. */
const PATIENCE_MS = 60_000;

/** Where the session's own advice is for somebody who writes a bot, and not for who runs a command. */
const words: Partial<Record<FailureReason, string>> = {
  'no-credentials': 'There is no session in the store. Sign in with: matrix-auth-machine login SERVER.',
  'token-refused': 'The token is dead, and there is nothing to get another one with. Sign in anew.',
  'session-ended':
    'The session has ended: it was logged out, its device was removed, or its tokens were used elsewhere. Sign in anew.',
  'login-refused':
    'The homeserver refused the user name and password, and no session was stored. Check both, and that the account is not deactivated; each wrong try counts against the homeserver’s limit.',
  'login-unsupported': 'The homeserver does not offer this kind of login to this account.',
  'identity-mismatch':
    'That is another user than the one whose session is stored. Give the other user a store or a session name (--session) of its own.',
};

/** The session of a command. */
export type CommandSession = Pick<MatrixAuth<unknown>, 'start' | 'stop' | 'on'>;

/**
 * Starts a session, and waits for it no longer than a minute, or than the person who can press Ctrl-C. What troubles it
 * is told on the error output meanwhile. It is not stopped here, but at Ctrl-C.
 * @throws {RefusedError} if it has failed
 * @throws {UnreachableError} if it took too long
 * @throws {InterruptedError}
 */
export async function startSession(auth: CommandSession, patienceMs = PATIENCE_MS): Promise<void> {
  const unlisten = auth.on('trouble', ({ message, over }) => {
    if (!over) process.stderr.write(`${message}\n`);
  });
  const given = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const seconds = patienceMs / 1_000;
    given.reject(
      new UnreachableError(`the homeserver or the store did not let it begin within ${seconds} s.`),
    );
  }, patienceMs);
  const interrupt = () => given.reject(new InterruptedError());
  process.once('SIGINT', interrupt);
  try {
    await Promise.race([auth.start(), given.promise]);
  } catch (error) {
    if (!(error instanceof AuthFailedError)) throw error;
    throw new RefusedError(`${words[error.reason] ?? error.advice}${causeOf(error)}`, { cause: error });
  } finally {
    process.off('SIGINT', interrupt);
    clearTimeout(timer);
    unlisten();
  }
}

function causeOf({ cause }: AuthFailedError): string {
  return cause instanceof Error ? ` (${cause.message})` : '';
}
