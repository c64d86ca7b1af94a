import type { AuthContext } from './context.ts';
import { backoffMs, breakerMs, lockProbeMs, renewalDueAt } from './schedule.ts';

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

/** What of the context decides when the next step is due. */
export type NextCircumstances = Pick<
  AuthContext,
  'session' | 'schedule' | 'salt' | 'failures' | 'notBefore' | 'earlyDeaths' | 'clientDeaths'
>;

/**
 * What a session does next by itself that came into the state `detail` at `since` (ms since the epoch); `undefined`
 * where it waits for something else than a time.
 */
export function nextOf(detail: string, circumstances: NextCircumstances, since: number): Next | undefined {
  const { session, schedule, salt, failures, notBefore, earlyDeaths, clientDeaths } = circumstances;
  if (detail === 'valid.scheduled' && session !== undefined) {
    const at = renewalDueAt(session, schedule, salt);
    return at === undefined ? undefined : { what: session.refreshable ? 'refresh' : 'log in', at };
  }
  if (detail === 'locked.waiting') {
    const waitMs = lockProbeMs(failures, schedule, { now: since, salt, notBefore });
    return { what: 'ask whether it is unlocked', at: since + waitMs };
  }
  const waitMs = detail.endsWith('.backingOff')
    ? backoffMs(failures, schedule, { now: since, salt, notBefore, session })
    : detail.endsWith('.coolingDown')
      ? breakerMs(earlyDeaths, schedule)
      : detail.endsWith('.pausing')
        ? backoffMs(Math.max(clientDeaths, failures), schedule, { now: since, salt, notBefore, session })
        : undefined;
  return waitMs === undefined ? undefined : { what: 'try again', at: since + waitMs };
}
