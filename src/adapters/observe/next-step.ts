import { type AuthContext, backoffMs, breakerMs, expiryDueAt, renewalDueAt } from '../../machines/index.ts';
import type { Frame } from './frame.ts';

/** What happens next by itself, and when: of a session that came into this state at `since`. */
export function nextStepOf(detail: string, context: AuthContext, since: number): Frame['next'] {
  const { session, schedule, salt, failures, notBefore, earlyDeaths } = context;
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
