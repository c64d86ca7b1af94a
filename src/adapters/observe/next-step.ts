import {
  type AuthContext,
  backoffMs,
  breakerMs,
  expiryDueAt,
  renewalDueAt,
  type Session,
} from '../../machines/index.ts';
import { numberOf } from './allow.ts';
import type { Frame } from './frame.ts';

/** What happens next by itself, and when: of a session that came into this state at `since`. */
export function nextStepOf(detail: string, context: AuthContext, since: number): Frame['next'] {
  const { schedule } = context;
  const session = cleaned(context.session);
  const salt = numberOf(context.salt) ?? 0;
  const failures = numberOf(context.failures) ?? 1;
  const earlyDeaths = numberOf(context.earlyDeaths) ?? 1;
  const notBefore = numberOf(context.notBefore);
  if (detail === 'valid.scheduled' && session !== undefined) {
    const at = session.refreshable ? renewalDueAt(session, schedule, salt) : expiryDueAt(session, schedule);
    return at === undefined ? undefined : { what: session.refreshable ? 'refresh' : 'log in', at };
  }
  if (detail.endsWith('.backingOff')) {
    return { what: 'try again', at: since + backoffMs(failures, schedule, { now: since, salt, notBefore }) };
  }
  if (detail.endsWith('.coolingDown')) {
    return { what: 'try again', at: since + breakerMs(earlyDeaths, schedule) };
  }
  if (detail === 'locked.waiting') {
    return { what: 'ask whether it is unlocked', at: Math.max(since + schedule.lockProbeMs, notBefore ?? 0) };
  }
  return undefined;
}

/** What the schedule looks at, each only if it has the form that it should have. */
function cleaned(session: Session | undefined): Session | undefined {
  const obtainedAt = numberOf(session?.obtainedAt);
  const expiresAt = numberOf(session?.expiresAt);
  if (session === undefined || obtainedAt === undefined || expiresAt === undefined) return undefined;
  const fingerprint = typeof session.fingerprint === 'string' ? session.fingerprint : '0';
  return { generation: 0, fingerprint, obtainedAt, expiresAt, refreshable: session.refreshable };
}
