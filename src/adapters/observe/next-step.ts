import { type AuthContext, type Next, nextOf, type Session } from '../../machines/index.ts';
import { numberOf } from './allow.ts';

/** What happens next by itself, and when; the schedule is given nothing that has not the form that it should have. */
export function nextStepOf(detail: string, context: AuthContext, since: number): Next | undefined {
  const next = nextOf(
    detail,
    {
      schedule: context.schedule,
      session: cleaned(context.session),
      salt: numberOf(context.salt) ?? 0,
      failures: numberOf(context.failures) ?? 1,
      clientDeaths: numberOf(context.clientDeaths) ?? 1,
      earlyDeaths: numberOf(context.earlyDeaths) ?? 1,
      notBefore: numberOf(context.notBefore),
    },
    since,
  );
  return numberOf(next?.at) === undefined ? undefined : next;
}

function cleaned(session: Session | undefined): Session | undefined {
  const obtainedAt = numberOf(session?.obtainedAt);
  const expiresAt = numberOf(session?.expiresAt);
  if (session === undefined || obtainedAt === undefined || expiresAt === undefined) return undefined;
  const fingerprint = typeof session.fingerprint === 'string' ? session.fingerprint : '0';
  return { generation: 0, fingerprint, obtainedAt, expiresAt, refreshable: session.refreshable };
}
