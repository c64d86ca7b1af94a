import type { AuthPath, AuthPathPlan, Step } from './plan.ts';
import { type RuleName, rules } from './rules/names.ts';
import { stepText } from './step-text.ts';

/** What holds whatever happens. */
const always: readonly RuleName[] = [
  'answers everything',
  'answers once',
  'leaves dead tokens alone',
  'keeps its device',
  'logs in sparingly',
  'refreshes one at a time',
  'stays logged in',
  'asks gently',
  'keeps running',
];

const afterExpiry: Step = { do: 'ask', when: 'after its token expired' };

const paths: readonly AuthPath[] = [
  {
    id: 'expiry-idle',
    name: 'the token expires while the bot has nothing to do',
    steps: [
      { do: 'shorten tokens', lifetimeMs: 1_500 },
      { do: 'expire tokens' },
      { do: 'let time pass', ms: 4_000 },
      afterExpiry,
    ],
    logins: 1,
    rules: always,
  },
  {
    id: 'expiry-busy',
    name: 'the token expires while the bot is answering',
    steps: [
      { do: 'say', when: 'just before its token expired' },
      { do: 'expire tokens' },
      { do: 'say', when: 'just after its token expired' },
      { do: 'say', when: 'just after its token expired' },
      { do: 'await answers', when: 'after its token expired' },
      { do: 'let time pass', ms: 1_000 },
      { do: 'expire tokens' },
      { do: 'ask', when: 'after its token expired for the second time' },
    ],
    logins: 1,
    rules: always,
  },
  {
    id: 'expiry-hard',
    name: 'the token expires on a server that says soft_logout: false (matrix-authentication-service)',
    homeserver: { softLogoutOnExpiry: false, consumeRefreshTokenAtOnce: true },
    steps: [{ do: 'expire tokens' }, afterExpiry],
    logins: 1,
    rules: always,
  },
  {
    id: 'revoked',
    name: 'the session is revoked, twice, and the password is known',
    steps: [
      { do: 'revoke session' },
      { do: 'ask', when: 'after its session was revoked' },
      { do: 'let time pass', ms: 1_000 },
      { do: 'revoke session' },
      { do: 'ask', when: 'after its session was revoked for the second time' },
    ],
    logins: 2,
    rules: always,
  },
  {
    id: 'refresh-refused',
    name: 'the token expires, and the refresh is refused',
    steps: [
      {
        do: 'answer',
        to: ['refresh'],
        status: 403,
        body: { errcode: 'M_FORBIDDEN', error: 'No longer valid' },
      },
      { do: 'expire tokens' },
      { do: 'ask', when: 'after its token expired, where a refresh is refused' },
    ],
    logins: 1,
    rules: always,
  },
  {
    id: 'refresh-lost',
    name: 'the token expires, and the answer to the refresh is lost',
    steps: [
      { do: 'lose answer', to: ['refresh', 'login'] },
      { do: 'expire tokens' },
      { do: 'ask', when: 'after its token expired, where the first answer to a refresh or login is lost' },
    ],
    logins: 2,
    rules: always,
  },
  {
    id: 'rate-limited',
    name: 'the token expires, and the refresh or login is rate limited',
    steps: [
      {
        do: 'answer',
        to: ['refresh', 'login'],
        times: 1,
        status: 429,
        headers: { 'retry-after': '3' },
        body: { errcode: 'M_LIMIT_EXCEEDED', error: 'Too Many Requests', retry_after_ms: 3_000 },
      },
      { do: 'expire tokens' },
      { do: 'ask', when: 'after its token expired, where the first refresh or login is rate limited' },
    ],
    logins: 1,
    rules: [...always, 'waits as told'],
  },
  {
    id: 'locked',
    name: 'the account is locked and unlocked again',
    steps: [
      { do: 'lock account' },
      { do: 'say', when: 'while its account was locked' },
      { do: 'let time pass', ms: 3_000 },
      { do: 'unlock account' },
      { do: 'await answers', when: 'after its account was unlocked' },
    ],
    logins: 0,
    rules: always,
  },
  {
    id: 'outage',
    name: 'the homeserver goes away and comes back',
    steps: [
      { do: 'take server away' },
      { do: 'say', when: 'while the homeserver was away' },
      { do: 'let time pass', ms: 2_500 },
      { do: 'bring server back' },
      { do: 'await answers', when: 'after the homeserver was back' },
    ],
    logins: 0,
    rules: always,
  },
  {
    id: 'outage-expiry',
    name: 'the token expires while the homeserver is away',
    steps: [
      { do: 'take server away' },
      { do: 'expire tokens' },
      { do: 'say', when: 'while the homeserver was away' },
      { do: 'let time pass', ms: 2_500 },
      { do: 'bring server back' },
      { do: 'await answers', when: 'after the homeserver was back and its token had expired' },
    ],
    logins: 1,
    rules: always,
  },
  {
    id: 'html',
    name: 'the token expires, and a server in between answers with HTML pages',
    steps: [
      {
        do: 'answer',
        to: ['everything'],
        status: 502,
        headers: { 'content-type': 'text/html' },
        body: '<html><body><h1>502 Bad Gateway</h1></body></html>',
      },
      { do: 'expire tokens' },
      { do: 'say', when: 'while a server in between answered with HTML pages' },
      { do: 'let time pass', ms: 2_500 },
      { do: 'end faults' },
      { do: 'await answers', when: 'after the HTML pages were over and its token had expired' },
    ],
    logins: 1,
    rules: always,
  },
  {
    id: 'forbidden',
    name: 'the bot may not speak in a room (M_FORBIDDEN), and its token is fine',
    steps: [
      {
        do: 'answer',
        to: ['send'],
        times: 1,
        status: 403,
        body: { errcode: 'M_FORBIDDEN', error: 'You are banned from this room' },
      },
      { do: 'say', when: 'where it may not speak', unanswered: true },
      { do: 'let time pass', ms: 1_500 },
      { do: 'ask', when: 'after it was forbidden to speak' },
    ],
    logins: 0,
    rules: [...always, 'sees no expiry in a ban'],
  },
];

/** What a session goes through, one plan for each way. A plan is data: print it, choose from it, write your own. */
export const authPathPlans: readonly AuthPathPlan[] = paths.map((path) => ({
  ...path,
  done: doneIn(path),
  mustHold: mustHoldIn(path),
}));

/** What is done to the bot, one sentence for each step. */
export function doneIn({ steps }: Pick<AuthPath, 'steps'>): string[] {
  return steps.map(stepText);
}

/** What must hold, one sentence for each rule. */
export function mustHoldIn(path: Pick<AuthPath, 'rules'>): string[] {
  return path.rules.map((rule) => rules[rule]);
}
