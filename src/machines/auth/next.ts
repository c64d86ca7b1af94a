import type { AuthContext } from './context.ts';
import { backoffMs, breakerMs, renewalDueAt } from './schedule.ts';

export type NextStep = 'refresh' | 'log in' | 'try again' | 'ask whether it is unlocked';

/** What happens next by itself, and when (ms since the epoch). */
export interface Next {
  readonly what: NextStep;
  readonly at: number;
}

/** The machine's state value as a path, such as `refreshing.required.exchanging`; parallel regions follow one another. */
export function detailOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  let detail = '';
  for (const name in value) {
    const inner = detailOf((value as Readonly<Record<string, unknown>>)[name]);
    // The regions' names say nothing, the states in them do.
    const part = name === 'service' || name === 'renewal' ? inner : `${name}.${inner}`;
    detail = detail === '' ? part : `${detail}.${part}`;
  }
  return detail;
}

/** What a session waits for that came into the state `detail` at `since` (ms since the epoch); `undefined`: for no time. */
export function nextOf(
  detail: string,
  context: Pick<AuthContext, 'session' | 'schedule' | 'salt' | 'failures' | 'notBefore' | 'earlyDeaths'>,
  since: number,
): Next | undefined {
  const { session, schedule, salt, failures, notBefore, earlyDeaths } = context;
  if (detail === 'valid.scheduled' && session !== undefined) {
    const at = renewalDueAt(session, schedule, salt);
    return at === undefined ? undefined : { what: session.refreshable ? 'refresh' : 'log in', at };
  }
  if (detail.endsWith('.backingOff')) {
    const circumstances = { now: since, salt, notBefore, session };
    return { what: 'try again', at: since + backoffMs(failures, schedule, circumstances) };
  }
  if (detail.endsWith('.coolingDown')) {
    return { what: 'try again', at: since + breakerMs(earlyDeaths, schedule) };
  }
  if (detail === 'locked.waiting') {
    return { what: 'ask whether it is unlocked', at: Math.max(since + schedule.lockProbeMs, notBefore ?? 0) };
  }
  return undefined;
}
