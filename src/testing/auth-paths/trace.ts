import type { RecordedRequest } from '../proxy/recorded-request.ts';
import type { AuthPath } from './plan.ts';

/** A message to the bot and what came of it. */
export interface Asked {
  readonly when: string;
  /** How many answers there were. */
  readonly answers: number;
  /** No answer is no fault. */
  readonly unanswered: boolean;
}

/** An answer was waited for in vain. */
export interface Silence {
  readonly when: string;
  readonly waitedMs: number;
  /** Whether a further message was answered. */
  readonly answeredLater: boolean;
}

/** What was seen of the bot while it was walked along a path. It holds no token. */
export interface Trace {
  readonly path: AuthPath;
  /** The bot's requests since the first step. */
  readonly requests: readonly RecordedRequest[];
  readonly asked: readonly Asked[];
  /** How many answers the bot gives to a message when nothing is wrong. */
  readonly usualAnswers: number;
  readonly silences: readonly Silence[];
  /** How many devices the account has more than before the first step. */
  readonly newDevices: number;
  /** How the bot ended, if it did. */
  readonly ended?: string;
  readonly endedAt: number;
}

/** The requests of this kind. */
export function requestsTo(trace: Trace, kind: 'login' | 'refresh' | 'logout'): RecordedRequest[] {
  const pattern = { login: /\/login$/, refresh: /\/refresh$/, logout: /\/logout(?:\/all)?$/ }[kind];
  return trace.requests.filter(({ method, path }) => method === 'POST' && pattern.test(path));
}

/** Messages of the bot that the homeserver did not take. */
export function refusedMessages(trace: Trace): RecordedRequest[] {
  return trace.requests.filter(
    ({ path, status }) => SEND.test(path) && status !== undefined && status >= 400,
  );
}

const SEND = /\/rooms\/[^/]+\/send\//;

/** A request and its answer, as in "GET /sync, answered 401 M_UNKNOWN_TOKEN". */
export function requestText({ method, path, status, errcode, fault, finishedAt }: RecordedRequest): string {
  const short = path.replace(/^\/_matrix\/client\/(?:v\d+|r0|unstable)/, '');
  const answer = [status, errcode].filter((part) => part !== undefined).join(' ');
  const outcome =
    answer === '' ? (finishedAt === undefined ? 'still open' : 'without an answer') : `answered ${answer}`;
  const lost = fault === 'lose-response' ? ', and the answer was lost on its way' : '';
  return `${method} ${SEND.test(short) ? '/rooms/…/send' : short}, ${outcome}${lost}`;
}
