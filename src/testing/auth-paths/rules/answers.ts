import { seconds } from '../step-text.ts';
import { refusedMessages, requestText, requestsTo, type Trace } from '../trace.ts';
import type { Check } from './rule.ts';

export const answersEverything: Check = (trace) => {
  const [first] = trace.silences;
  if (first === undefined) return [];
  const waited = `waited ${seconds(first.waitedMs)}`;
  const end = trace.silences.find(({ answeredLater }) => !answeredLater);
  const forGood =
    end === undefined ? [] : [`${end.when} it never answered again (${waited})${diagnosis(trace)}`];
  if (first === end) return forGood;
  const moments = new Set(
    trace.asked.filter(({ answers, unanswered }) => answers === 0 && !unanswered).map(({ when }) => when),
  );
  if (end !== undefined) moments.delete(end.when);
  const [refused] = refusedMessages(trace);
  const gaveUp =
    refused === undefined ? '' : `; it gave up an answer that was refused: ${requestText(refused)}`;
  const lost = `it lost messages sent ${[...moments].join(', and ')} (${waited}): later ones it answered${gaveUp}`;
  return [lost, ...forGood];
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

export const keepsRunning: Check = ({ ended }) =>
  ended === undefined ? [] : [`it ended by itself: ${ended}`];

/** What the requests tell about why there is no answer. */
function diagnosis(trace: Trace): string {
  if (trace.ended !== undefined) return '';
  const last = trace.requests.at(-1);
  if (last === undefined) return ': it sent no request in all that time';
  const refused = trace.requests.some(({ errcode }) => errcode === 'M_UNKNOWN_TOKEN');
  if (!refused) return `: its last request was ${requestText(last)}`;
  const tries = [...requestsTo(trace, 'refresh'), ...requestsTo(trace, 'login')];
  const lastTry = tries.toSorted((a, b) => a.at - b.at).at(-1);
  const words = [
    lastTry === undefined
      ? 'its token was refused, and it tried neither to refresh nor to log in'
      : `the last it tried was ${requestText(lastTry)}`,
  ];
  if (last.finishedAt !== undefined && trace.endedAt - last.finishedAt > 2_000) {
    words.push(
      `it has asked nothing for the last ${seconds(trace.endedAt - last.finishedAt)}: its last request was ${requestText(last)}`,
    );
  }
  return `: ${words.join('; ')}`;
}
