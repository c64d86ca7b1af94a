import { type AuthContext, type Next, nextOf, type Session } from '../machines/index.ts';
import { numberOf } from './allow.ts';

/** What happens next by itself, and when; none where what it is worked out from has not the form that it should have. */
export function nextStepOf(detail: string, context: AuthContext, since: number): Next | undefined {
  if (!isSound(context)) return undefined;
  const next = nextOf(detail, context, since);
  return numberOf(next?.at) === undefined ? undefined : next;
}

/** Written out, as a bot that is listened to runs through this with each transition. */
function isSound(context: AuthContext): boolean {
  const { session, salt, failures, clientDeaths, earlyDeaths, notBefore } = context;
  return (
    Number.isFinite(salt) &&
    Number.isFinite(failures) &&
    Number.isFinite(clientDeaths) &&
    Number.isFinite(earlyDeaths) &&
    (notBefore === undefined || Number.isFinite(notBefore)) &&
    (session === undefined || isSoundSession(session))
  );
}

function isSoundSession({ obtainedAt, expiresAt, fingerprint }: Session): boolean {
  return (
    Number.isFinite(obtainedAt) &&
    (expiresAt === undefined || Number.isFinite(expiresAt)) &&
    typeof fingerprint === 'string'
  );
}
