import type { RecordedRequest } from '../../proxy/recorded-request.ts';
import { seconds } from '../step-text.ts';
import { requestsTo } from '../trace.ts';
import type { Check } from './rule.ts';

/** So many may be on their way, or be tried by parts of a bot that have not heard yet. */
const TOLERATED = 2;

export const leavesDeadTokensAlone: Check = ({ requests }) => {
  const refusals = new Map<string, RecordedRequest[]>();
  for (const request of requests) {
    const { tokenFingerprint: token, errcode } = request;
    if (token === undefined || errcode !== 'M_UNKNOWN_TOKEN') continue;
    refusals.set(token, [...(refusals.get(token) ?? []), request]);
  }
  return [...refusals.values()].flatMap((refused) => {
    const ends = refused.map(({ finishedAt = Number.POSITIVE_INFINITY }) => finishedAt);
    const since = Math.min(...ends);
    const again = refused.filter(({ at }, index) => at >= since && index !== ends.indexOf(since));
    if (again.length <= TOLERATED) return [];
    const lastAt = again.at(-1)?.at ?? since;
    return [
      `it looped on a dead token: ${again.length} requests with it in ${seconds(lastAt - since)}, all after the homeserver had refused it (401 M_UNKNOWN_TOKEN)`,
    ];
  });
};

export const refreshesOneAtATime: Check = (trace) => {
  const refreshes = requestsTo(trace, 'refresh');
  const most = Math.max(
    0,
    ...refreshes.map(
      ({ at }) =>
        refreshes.filter((other) => other.at <= at && (other.finishedAt ?? Number.POSITIVE_INFINITY) > at)
          .length,
    ),
  );
  return most > 1
    ? [`it sent ${most} refreshes at the same time: each of them ends the tokens that the others get`]
    : [];
};
