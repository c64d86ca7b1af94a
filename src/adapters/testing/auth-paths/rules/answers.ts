import { seconds } from '../step-words.ts';
import { requestInWords, requestsTo, type Trace } from '../trace.ts';
import type { Check } from './rule.ts';

export const answersEverything: Check = (trace) => {
  const { silence } = trace;
  if (silence === undefined) return [];
  const waited = `waited ${seconds(silence.waitedMs)}`;
  if (!silence.answeredLater) return [`${silence.when} it never answered again (${waited})${diagnosis(trace)}`];
  const lost = trace.asked.filter(({ answers, unanswered }) => answers === 0 && !unanswered);
  const moments = [...new Set(lost.map(({ when }) => when))].join(', and ');
  const what = lost.length === 1 ? 'the message' : `${lost.length} messages`;
  return [`it lost ${what} sent ${moments} (${waited}): a later one it answered`];
};

export const answersOnce: Check = ({ asked, usualAnswers }) => {
  const most = Math.max(usualAnswers, 1);
  return asked
    .filter(({ answers }) => answers > most)
    .map(({ when, answers }) =>
      answers === 2
        ? `it answered the same message twice: the one sent ${when}`
        : `it answered the same message ${answers} times: the one sent ${when}`,
    );
};

export const keepsRunning: Check = ({ ended }) => (ended === undefined ? [] : [`it ended by itself: ${ended}`]);

/** What the requests tell about why there is no answer. */
function diagnosis(trace: Trace): string {
  const refused = trace.requests.find(({ errcode }) => errcode === 'M_UNKNOWN_TOKEN');
  if (refused === undefined || trace.ended !== undefined) return '';
  const tries = [...requestsTo(trace, 'refresh'), ...requestsTo(trace, 'login')];
  const lastTry = tries.toSorted((a, b) => a.at - b.at).at(-1);
  const words = [
    lastTry === undefined
      ? 'its token was refused, and it tried neither to refresh nor to log in'
      : `the last it tried was ${requestInWords(lastTry)}`,
  ];
  const last = trace.requests.at(-1);
  if (last?.finishedAt !== undefined && trace.endedAt - last.finishedAt > 2_000) {
    words.push(
      `it has asked nothing for the last ${seconds(trace.endedAt - last.finishedAt)}: its last request was ${requestInWords(last)}`,
    );
  }
  return `: ${words.join('; ')}`;
}
