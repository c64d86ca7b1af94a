import { expect, test } from 'vitest';
import type { RecordedRequest, RuleName, Step } from '../../../src/testing/index.ts';
import { authPathPlans } from '../../../src/testing/index.ts';
import { rules } from '../../../src/testing/auth-paths/rules/names.ts';
import { checks } from '../../../src/testing/auth-paths/rules/table.ts';
import type { Trace } from '../../../src/testing/auth-paths/trace.ts';

const base = '/_matrix/client/v3';

/** A request from `at` to `finishedAt`, in milliseconds after the start. */
function request(
  method: string,
  path: string,
  [at, finishedAt]: readonly [number, number?],
  answer: Pick<RecordedRequest, 'status' | 'errcode' | 'tokenFingerprint'> = { status: 200 },
): RecordedRequest {
  return {
    method,
    path: base + path,
    query: {},
    at,
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...answer,
  };
}

const dead = (token: string) => ({ status: 401, errcode: 'M_UNKNOWN_TOKEN', tokenFingerprint: token });
const limited = { status: 429, errcode: 'M_LIMIT_EXCEEDED' };
const rateLimit: Step = {
  ...{ do: 'answer', to: ['refresh', 'login'], times: 1, status: 429 },
  headers: { 'retry-after': '3' },
  body: {},
};

function found(
  rule: RuleName,
  requests: readonly RecordedRequest[],
  more: Partial<Trace> = {},
): readonly string[] {
  return checks[rule]({
    path: { id: 'x', name: 'x', steps: [rateLimit], logins: 1, rules: [rule] },
    requests,
    asked: [{ when: 'after its token expired', answers: 1, unanswered: false }],
    usualAnswers: 1,
    silences: [],
    newDevices: 0,
    endedAt: 10_000,
    ...more,
  });
}

test.each(Object.keys(rules) as RuleName[])('%s: a bot that did nothing wrong', (rule) => {
  const requests = [
    request('GET', '/sync', [0, 10], dead('a')),
    request('PUT', '/rooms/!r/send/m.room.message/1', [5, 12], dead('a')),
    request('POST', '/refresh', [12, 12], limited),
    request('POST', '/refresh', [3_012, 3_020]),
    request('POST', '/login', [3_030, 3_040]),
    request('GET', '/sync', [3_040]),
  ];
  expect(found(rule, requests)).toEqual([]);
});

test('a loop on a dead token', () => {
  const loop = Array.from({ length: 15 }, (_, index) =>
    request('GET', '/sync', [index * 400, index * 400 + 10], dead('a')),
  );
  expect(found('leaves dead tokens alone', loop)).toEqual([
    'it looped on a dead token: 14 requests with it in 5.6 s, all after the homeserver had refused it (401 M_UNKNOWN_TOKEN)',
  ]);
  // Each with a token of its own, or all at once, is no loop.
  const different = loop.map((one, index) => ({ ...one, tokenFingerprint: String(index) }));
  expect(found('leaves dead tokens alone', different)).toEqual([]);
  expect(
    found(
      'leaves dead tokens alone',
      loop.map((one) => ({ ...one, at: 0 })),
    ),
  ).toEqual([]);
});

test('silence, with what the bot did', () => {
  const silences = [{ when: 'after its token expired', waitedMs: 5_000, answeredLater: false }];
  const refused = request('GET', '/sync', [0, 10], dead('a'));
  expect(found('answers everything', [], { silences })).toEqual([
    'after its token expired it never answered again (waited 5 s): it sent no request in all that time',
  ]);
  const away = request('GET', '/versions', [0, 10], {});
  expect(found('answers everything', [away], { silences })).toEqual([
    'after its token expired it never answered again (waited 5 s): its last request was GET /versions, without an answer',
  ]);
  expect(found('answers everything', [refused], { silences })).toEqual([
    'after its token expired it never answered again (waited 5 s): its token was refused, and it tried neither to refresh nor to log in; it has asked nothing for the last 10 s: its last request was GET /sync, answered 401 M_UNKNOWN_TOKEN',
  ]);
  const login = request('POST', '/login', [20, 30], limited);
  const send = request('PUT', '/rooms/!r/send/m.room.message/1', [9_000]);
  expect(found('answers everything', [refused, login, send], { silences })).toEqual([
    'after its token expired it never answered again (waited 5 s): the last it tried was POST /login, answered 429 M_LIMIT_EXCEEDED',
  ]);
  const lost = { ...request('POST', '/login', [20, 30]), fault: 'lose-response' as const };
  expect(found('answers everything', [refused, lost, send], { silences })).toEqual([
    'after its token expired it never answered again (waited 5 s): the last it tried was POST /login, answered 200, and the answer was lost on its way',
  ]);
});

test('lost messages', () => {
  const silences = [{ when: 'after its token expired', waitedMs: 5_000, answeredLater: true }];
  const asked = [
    { when: 'while it slept', answers: 0, unanswered: false },
    { when: 'where it may not speak', answers: 0, unanswered: true },
    { when: 'after its token expired', answers: 1, unanswered: false },
  ];
  expect(found('answers everything', [], { silences, asked })).toEqual([
    'it lost messages sent while it slept (waited 5 s): later ones it answered',
  ]);
  const locked = { status: 401, errcode: 'M_USER_LOCKED' };
  const send = request('PUT', '/rooms/!r/send/m.room.message/1', [0, 1], locked);
  expect(found('answers everything', [send], { silences, asked })).toEqual([
    'it lost messages sent while it slept (waited 5 s): later ones it answered; it gave up an answer that was refused: PUT /rooms/…/send, answered 401 M_USER_LOCKED',
  ]);
});

test('answers given again', () => {
  const asked = [2, 3].map((answers) => ({ when: 'after its token expired', answers, unanswered: false }));
  expect(found('answers once', [], { asked })).toEqual([
    'it answered the same message twice: the one sent after its token expired',
    'it answered the same message 3 times: the one sent after its token expired',
  ]);
  // A bot that always answers with two messages is as it should be.
  expect(found('answers once', [], { asked: asked.slice(0, 1), usualAnswers: 2 })).toEqual([]);
});

test('devices and logins', () => {
  expect(found('keeps its device', [], { newDevices: 1 })).toEqual([
    'it logged in on a new device: 2 devices, and one more each time; give the device_id of the first login',
  ]);
  expect(found('keeps its device', [], { newDevices: 2 })[0]).toMatch(
    /^it logged in on a new device each time: 3 devices/,
  );
  const logins = [0, 1, 2].map((at) => request('POST', '/login', [at, at]));
  expect(found('logs in sparingly', logins)[0]).toMatch(/^it logged in 3 times where 1 was enough/);
  expect(
    found('logs in sparingly', [request('POST', '/login', [0, 1], limited), ...logins.slice(2)]),
  ).toEqual([]);
  expect(found('stays logged in', [request('POST', '/logout/all', [0, 1])])[0]).toMatch(
    /^it logged out \(POST \/logout\/all, answered 200\)/,
  );
});

test('refreshes at the same time', () => {
  const refreshes = [
    request('POST', '/refresh', [0, 100]),
    request('POST', '/refresh', [50, 150]),
    request('POST', '/refresh', [150, 200]),
  ];
  expect(found('refreshes one at a time', refreshes)).toEqual([
    'it sent 2 refreshes at the same time: each of them ends the tokens that the others get',
  ]);
  expect(found('refreshes one at a time', refreshes.slice(1))).toEqual([]);
});

test('a wait that was cut short', () => {
  const early = [request('POST', '/refresh', [0, 0], limited), request('POST', '/refresh', [300, 310])];
  expect(found('waits as told', early)).toEqual([
    'it asked again before the Retry-After: it was told to wait 3 s with its refresh, and waited 0.3 s',
  ]);
  const loggedIn = [request('POST', '/refresh', [0, 0], limited), request('POST', '/login', [300, 310])];
  expect(found('waits as told', loggedIn)).toEqual([
    'it took the rate limit of its refresh for a refusal, and logged in',
  ]);
});

test('hammering', () => {
  const refused = Array.from({ length: 40 }, (_, index) =>
    request('GET', '/sync', [index * 50, index * 50], { status: 502 }),
  );
  expect(found('asks gently', refused)).toEqual([
    'it hammered the homeserver: 20 refused requests within one second; wait longer after each refusal',
  ]);
});

test('a ban that is taken for an expiry', () => {
  const ban = request('PUT', '/rooms/!r/send/m.room.message/1', [10, 20], {
    status: 403,
    errcode: 'M_FORBIDDEN',
  });
  const refusedLogin = request('POST', '/login', [5, 6], { status: 403, errcode: 'M_FORBIDDEN' });
  expect(found('sees no expiry in a ban', [refusedLogin, ban])).toEqual([]);
  expect(found('sees no expiry in a ban', [ban, request('POST', '/refresh', [30, 31])])).toEqual([
    'it treated a ban (M_FORBIDDEN) as an expired token and refreshed it',
  ]);
  expect(found('sees no expiry in a ban', [ban, request('POST', '/login', [30, 31])])).toEqual([
    'it treated a ban (M_FORBIDDEN) as an expired token and logged in again',
  ]);
});

test('the plans are plain data, with a sentence for each step and each rule', () => {
  expect(JSON.parse(JSON.stringify(authPathPlans))).toEqual(authPathPlans);
  expect(new Set(authPathPlans.map(({ id }) => id)).size).toBe(authPathPlans.length);
  for (const { steps, done, rules: demanded, mustHold } of authPathPlans) {
    expect(done).toHaveLength(steps.length);
    expect(mustHold).toHaveLength(demanded.length);
  }
});
