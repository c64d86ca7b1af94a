import { AuthFailedError } from '../../auth/errors.ts';
import type { MatrixAuth } from '../../auth/matrix-auth.ts';
import type { FailureReason } from '../../machines/index.ts';
import type { AuthorizationRequest } from '../../ports/index.ts';
import { InterruptedError, LockedError, RefusedError, UnreachableError } from '../errors.ts';
import { authorizationText } from '../terminal/authorization.ts';
import { span } from '../words.ts';

/** A command is waited for by a person, or by a script. */
const PATIENCE_MS = 60_000;
/** Where it is not said how long a person may take. */
const PATIENCE_WITH_PEOPLE_MS = 600_000;

/** Where the session's own advice is for somebody who writes a bot, and not for who runs a command. */
const words: Partial<Record<FailureReason, string>> = {
  'no-credentials': 'There is no session in the store. Sign in with: matrix-auth-machine login SERVER.',
  'token-refused': 'The token is dead, and there is nothing to get another one with. Sign in anew.',
  'session-ended':
    'The session has ended: it was logged out, its device was removed, or its tokens were used elsewhere. Sign in anew.',
  'login-unsupported': 'The homeserver does not offer this kind of login to this account.',
  'identity-mismatch':
    'That is another user than the one whose session is stored. Give the other user a store or a session name (--session) of its own.',
};

/** Trouble that passes at a time which is known: nobody waits for that in front of a command. */
const waits: Partial<Record<string, string>> = {
  'rate-limited': 'the homeserver takes no more sign-ins for now',
  'login-budget-spent': 'too many sign-ins were tried with this store',
};

/** The first sentence of a message, which says what happened. */
function causeIn(message: string, code: string): string {
  return message.slice(code.length + 2).replace(/\. .*$/s, '');
}

/** The session of a command. */
export type CommandSession = Pick<MatrixAuth<unknown>, 'start' | 'stop' | 'on' | 'snapshot'>;

export interface StartOptions {
  /** What to say of a failure, in the place of the session's advice. */
  readonly words?: Partial<Record<FailureReason, string>>;
  readonly patienceMs?: number;
}

/**
 * Starts a session, and waits for it no longer than a minute, than a person may take who has to approve it, or than the
 * one who can press Ctrl-C. What troubles it and what has to be done is told on the error output. It is not stopped here.
 * @throws {RefusedError} if it has failed, nobody has approved it, or ({@link LockedError}) the account is locked
 * @throws {UnreachableError} if it took too long, or would
 * @throws {InterruptedError}
 */
export async function startSession(
  auth: CommandSession,
  { words: own = {}, patienceMs = PATIENCE_MS }: StartOptions = {},
): Promise<void> {
  const given = Promise.withResolvers<never>();
  const late = () =>
    given.reject(
      new UnreachableError(`the homeserver or the store did not let it begin within ${span(patienceMs)}.`),
    );
  let timer = setTimeout(late, patienceMs);
  const until = Date.now() + patienceMs;
  let isAsked = false;
  const unlisten = [
    auth.on('trouble', ({ code, message, over }) => {
      const words = waits[code];
      const { next } = auth.snapshot();
      if (over) return;
      if (words === undefined || (next?.at ?? 0) < until) process.stderr.write(`${message}\n`);
      else given.reject(new UnreachableError(`${words} (${causeIn(message, code)}). Run this again then.`));
    }),
    auth.on('locked', () => {
      given.reject(
        new LockedError('The account is locked. Ask an administrator of the homeserver to unlock it.'),
      );
    }),
    auth.on('authorization', (request) => {
      clearTimeout(timer);
      // Another code: the first has run out.
      if (isAsked) given.reject(notApproved());
      else timer = waitForPerson(request, given.reject);
      isAsked = true;
    }),
  ];
  const interrupt = () => {
    if (isAsked)
      process.stderr.write('\nNot approved, and nothing was stored. Run this again for another code.\n');
    given.reject(new InterruptedError());
  };
  process.once('SIGINT', interrupt);
  try {
    await Promise.race([auth.start(), given.promise]);
  } catch (error) {
    if (!(error instanceof AuthFailedError)) throw error;
    const { reason } = error;
    const advice = error.advice.replace(
      'Call retry() or restart to be asked again.',
      'Run this again to be asked again.',
    );
    throw new RefusedError(`${own[reason] ?? words[reason] ?? advice}${causeOf(error)}`, { cause: error });
  } finally {
    process.off('SIGINT', interrupt);
    clearTimeout(timer);
    for (const end of unlisten) end();
  }
}

/** Shows what has to be done, and gives up when it can be done no longer. */
function waitForPerson(
  request: AuthorizationRequest,
  giveUp: (error: unknown) => void,
): ReturnType<typeof setTimeout> {
  const { isTTY, columns } = process.stderr;
  const screen = { isTerminal: isTTY, columns: columns > 0 ? columns : 80 };
  authorizationText(request, screen).then((text) => process.stderr.write(text), giveUp);
  const patienceMs = (request.expiresAt ?? Date.now() + PATIENCE_WITH_PEOPLE_MS) - Date.now();
  return setTimeout(() => giveUp(notApproved()), patienceMs);
}

function notApproved(): RefusedError {
  return new RefusedError('Nobody has approved the sign-in in time, and nothing was stored. Run this again.');
}

function causeOf({ cause }: AuthFailedError): string {
  return cause instanceof Error ? ` (${cause.message})` : '';
}
