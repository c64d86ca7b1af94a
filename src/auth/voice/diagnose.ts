import { clockTime, troubleIn } from '../../adapters/homeserver/index.ts';
import {
  meaningOf,
  type Outcome,
  type Rejection,
  rejectionText,
  type Trouble,
} from '../../machines/auth/index.ts';
import type { MessageOutcome } from '../../adapters/outbox/index.ts';
import type { ClientTrouble, HandlerTrouble, QueuedMessage, SyncTrouble } from '../../ports/index.ts';
import { redact } from '../../ports/redact.ts';
import type { Diagnosis, SessionTroubleCode } from './codes.ts';

/** What is wrong, by the outcome of a service; `undefined` where it is not trouble, or the machine says it itself. */
export function diagnose(outcome: Outcome): Diagnosis | undefined {
  if (outcome.outcome === 'trouble') return ofTrouble(outcome);
  return outcome.outcome === 'refused' ? ofRefusal(outcome.rejection) : undefined;
}

function ofTrouble({ why, code, notBefore }: Trouble): Diagnosis {
  const until = notBefore === undefined ? '' : `; the next try is at ${clockTime(notBefore)}`;
  if (code !== undefined) return { code: code as SessionTroubleCode, what: `${why}${until}` };
  return { code: 'store-away', what: `the session store does not serve: ${why}` };
}

function ofRefusal(rejection: Rejection): Diagnosis | undefined {
  const meaning = meaningOf(rejection);
  if (meaning === 'token-missing') {
    return {
      code: 'authorization-stripped',
      what: 'the homeserver answered M_MISSING_TOKEN to a request that carried its token',
    };
  }
  if (meaning !== 'transient' && meaning !== 'not-auth') return undefined;
  const what = `the homeserver refuses a request: ${rejectionText(rejection)}`;
  return troubleIn(rejection, Date.now()) ?? { code: 'homeserver-refuses', what };
}

/** What a client has to tell. */
export function ofClient(trouble: ClientTrouble): Diagnosis {
  if ('initial' in trouble) return ofSync(trouble);
  return 'type' in trouble ? ofHandler(trouble) : { ...trouble, what: redact(trouble.what) };
}

/** What is wrong with the client's sync. */
function ofSync({ code, initial, sinceMs, attempts, status, errcode, why }: SyncTrouble): Diagnosis {
  const answer = [status, errcode ?? why].filter((part) => part !== undefined).join(' ');
  const last = answer === '' ? '' : `, the last of which ended with ${answer}`;
  const sync = initial ? 'the first sync' : 'the sync';
  const tries = attempts === 0 ? 'its first request is still under way' : `${attempts} failed tries${last}`;
  const what =
    code === 'sync-refused'
      ? `${sync} is refused by the homeserver (${answer})`
      : `${sync} has brought nothing for ${Math.round(sinceMs / 1000)} s (${tries})`;
  return { code, what };
}

/** What the bot's own code did. */
function ofHandler({ code, roomId, type, eventId, error, heldMs = 0 }: HandlerTrouble): Diagnosis {
  const where = [type, eventId, roomId === '' ? undefined : `in ${roomId}`].filter((part) => part).join(' ');
  return {
    code,
    what:
      code === 'handler-failed'
        ? `a handler of the bot failed at ${where}: ${redact(messageOf(error))}`
        : `a handler of the bot is not done with ${where} after ${Math.round(heldMs / 1000)} s`,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Why a message was not sent. */
export function ofMessage(
  { roomId, at }: QueuedMessage,
  outcome: Exclude<MessageOutcome, { outcome: 'delivered' }>,
): Diagnosis {
  const message = `a message to ${roomId}`;
  if (outcome.outcome === 'refused')
    return { code: 'message-refused', what: `${message} was not sent: ${redact(outcome.why)}` };
  const waited = `${message} was not sent within ${Math.round((Date.now() - at) / 1000)} s`;
  return {
    code: 'message-expired',
    what: outcome.maybeSent ? `${waited}, as far as is known` : waited,
  };
}
