import { seconds } from '../step-text.ts';
import { requestsTo, type Trace } from '../trace.ts';
import type { Check } from './rule.ts';

/** The clocks of two processes, and whole seconds in Retry-After. */
const SLACK_MS = 100;

/** More refused requests than this in one second are too many. */
const PER_SECOND = 10;

export const waitsAsTold: Check = (trace) => {
  const waitMs = retryAfterMs(trace);
  if (waitMs === undefined) return [];
  return (['refresh', 'login'] as const).flatMap((kind) => {
    const limited = requestsTo(trace, kind).find(({ status }) => status === 429);
    if (limited?.finishedAt === undefined) return [];
    const { finishedAt } = limited;
    const found: string[] = [];
    const next = requestsTo(trace, kind).find((other) => other !== limited && other.at >= finishedAt);
    if (next !== undefined && next.at < finishedAt + waitMs - SLACK_MS) {
      found.push(
        `it asked again before the Retry-After: it was told to wait ${seconds(waitMs)} with its ${kind}, and waited ${seconds(next.at - finishedAt)}`,
      );
    }
    const login = requestsTo(trace, 'login').find(({ at }) => at >= finishedAt && at < finishedAt + waitMs);
    if (kind === 'refresh' && login !== undefined) {
      found.push('it took the rate limit of its refresh for a refusal, and logged in');
    }
    return found;
  });
};

export const asksGently: Check = ({ requests }) => {
  const refused = requests
    .filter(({ status = 0, errcode }) => status >= 400 && status !== 404 && errcode !== 'M_UNKNOWN_TOKEN')
    .map(({ at }) => at);
  const most = Math.max(
    0,
    ...refused.map((from) => refused.filter((at) => at >= from && at < from + 1_000).length),
  );
  return most > PER_SECOND
    ? [
        `it hammered the homeserver: ${most} refused requests within one second; wait longer after each refusal`,
      ]
    : [];
};

function retryAfterMs({ path }: Trace): number | undefined {
  const limits = path.steps.flatMap((step) =>
    step.do === 'answer' && step.status === 429 ? [Number(step.headers?.['retry-after'])] : [],
  );
  const [limit] = limits.filter(Number.isFinite);
  return limit === undefined ? undefined : limit * 1_000;
}
