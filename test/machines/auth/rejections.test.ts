import { describe, expect, test } from 'vitest';
import {
  advice,
  type Endpoint,
  type FailureReason,
  rejectionText,
  type Meaning,
  meaningOf,
  type Rejection,
  type RejectionRow,
  rejections,
  rowOf,
} from '../../../src/machines/index.ts';
import { failureOf } from '../../../src/machines/auth/failures.ts';

const endpoints: readonly Endpoint[] = ['login', 'refresh', 'whoami', 'other'];

const listed = <T>(value: T | readonly T[] | undefined, otherwise: readonly T[]): readonly T[] =>
  value === undefined ? otherwise : Array.isArray(value) ? value : [value as T];

/** Every refusal that a row names, where it names one, and one example of what it leaves open. */
function examplesOf({ when }: RejectionRow): Rejection[] {
  const statuses = when.statusFrom === undefined ? listed(when.status, [400]) : [when.statusFrom, 599];
  const errcodes = when.errcode === null ? [undefined] : listed(when.errcode, ['M_SOMETHING']);
  return listed(when.endpoint, endpoints).flatMap((endpoint) =>
    statuses.flatMap((status) =>
      errcodes.map((errcode) => ({
        endpoint,
        status,
        ...(errcode === undefined ? {} : { errcode }),
        ...(when.flows ? { flows: true } : {}),
        ...(when.trouble ? { trouble: 'unreachable' as const } : {}),
      })),
    ),
  );
}

const named = rejections.slice(0, -1);

describe('each row of the table', () => {
  test.each(named)('decides something: $name', (row) => {
    expect(examplesOf(row).map((example) => rowOf(example).name)).toContain(row.name);
  });

  test.each(named.flatMap((row) => examplesOf(row).map((example) => ({ row, example }))))(
    'holds for all that it names: $row.name, $example.endpoint $example.status $example.errcode',
    ({ row, example }) => {
      expect(meaningOf(example)).toBe(row.meaning);
    },
  );

  test('the last one takes the rest', () => {
    expect(rejections.at(-1)?.when).toEqual({});
    expect(rowOf({ endpoint: 'other', status: 404, errcode: 'M_NOT_FOUND' })).toBe(rejections.at(-1));
  });

  test('has a name of its own, and a reason', () => {
    expect(new Set(rejections.map(({ name }) => name)).size).toBe(rejections.length);
    for (const { name, because } of rejections) expect([name, because].join(': ')).toMatch(/^\S.+: \S.+\S$/);
    for (const { because } of rejections) expect(because).toMatch(/^\S.+\S$/);
  });
});

/** The situations that a bot meets, as the specification has it and as Synapse and MAS do it. */
const situations: readonly (readonly [situation: string, means: Meaning, of: readonly Rejection[]])[] = [
  [
    'an access token that has expired, was logged out, or was superseded, whatever soft_logout says',
    'token-dead',
    (['whoami', 'other'] as const).flatMap((endpoint) =>
      [{}, { softLogout: true }, { softLogout: false }].map((soft) => ({
        endpoint,
        status: 401,
        errcode: 'M_UNKNOWN_TOKEN',
        ...soft,
      })),
    ),
  ],
  [
    'a refresh token that is unknown or was used, on Synapse and on MAS',
    'refresh-dead',
    [
      { endpoint: 'refresh', status: 401, errcode: 'M_UNKNOWN_TOKEN' },
      { endpoint: 'refresh', status: 401, errcode: 'M_UNKNOWN_TOKEN', softLogout: true },
      { endpoint: 'refresh', status: 403, errcode: 'M_FORBIDDEN' },
    ],
  ],
  [
    'a refresh that got no answer, or the answer of something in between',
    'transient',
    [
      { endpoint: 'refresh', status: 0, trouble: 'unreachable' },
      { endpoint: 'refresh', status: 0, trouble: 'timeout' },
      { endpoint: 'refresh', status: 200, trouble: 'malformed' },
      { endpoint: 'refresh', status: 429, errcode: 'M_LIMIT_EXCEEDED' },
      { endpoint: 'refresh', status: 408 },
      { endpoint: 'refresh', status: 404 },
      { endpoint: 'refresh', status: 401 },
      { endpoint: 'refresh', status: 403 },
      { endpoint: 'refresh', status: 400, errcode: 'M_BAD_JSON' },
    ],
  ],
  [
    'a 5xx, even one with an error code that would mean something else',
    'transient',
    endpoints.flatMap((endpoint) => [
      { endpoint, status: 500, errcode: 'M_FORBIDDEN' },
      { endpoint, status: 503, errcode: 'M_UNKNOWN' },
      { endpoint, status: 502 },
      { endpoint, status: 500, errcode: 'M_UNKNOWN_TOKEN' },
      { endpoint, status: 503, errcode: 'M_USER_LOCKED' },
    ]),
  ],
  [
    'an endpoint for refresh tokens that is not there',
    'unsupported',
    [
      { endpoint: 'refresh', status: 404, errcode: 'M_UNRECOGNIZED' },
      { endpoint: 'refresh', status: 405, errcode: 'M_UNRECOGNIZED' },
    ],
  ],
  [
    'a kind of login that is not there',
    'unsupported',
    [
      { endpoint: 'login', status: 404, errcode: 'M_UNRECOGNIZED' },
      { endpoint: 'login', status: 400, errcode: 'M_UNKNOWN' },
      { endpoint: 'login', status: 400, errcode: 'M_APPSERVICE_LOGIN_UNSUPPORTED' },
    ],
  ],
  [
    'a login with the wrong password',
    'login-refused',
    [
      { endpoint: 'login', status: 403, errcode: 'M_FORBIDDEN' },
      { endpoint: 'login', status: 403, errcode: 'ORG_MATRIX_EXPIRED_ACCOUNT' },
    ],
  ],
  [
    'a login to a deactivated account',
    'deactivated',
    [{ endpoint: 'login', status: 403, errcode: 'M_USER_DEACTIVATED' }],
  ],
  [
    'a login that is refused for no fault of its credentials',
    'transient',
    [
      { endpoint: 'login', status: 429, errcode: 'M_LIMIT_EXCEEDED' },
      { endpoint: 'login', status: 429 },
      { endpoint: 'login', status: 403, errcode: 'M_RESOURCE_LIMIT_EXCEEDED' },
      { endpoint: 'login', status: 403, errcode: 'M_CONSENT_NOT_GIVEN' },
      { endpoint: 'login', status: 403 },
    ],
  ],
  [
    'a locked account, whichever endpoint meets it, whatever soft_logout says',
    'locked',
    endpoints.flatMap((endpoint) =>
      [{}, { softLogout: true }, { softLogout: false }].map((soft) => ({
        endpoint,
        status: 401,
        errcode: 'M_USER_LOCKED',
        ...soft,
      })),
    ),
  ],
  [
    'user-interactive authentication, with and without an error code',
    'not-auth',
    [
      { endpoint: 'other', status: 401, flows: true },
      { endpoint: 'other', status: 401, flows: true, errcode: 'M_FORBIDDEN' },
      { endpoint: 'other', status: 401, flows: true, errcode: 'M_UNAUTHORIZED' },
      { endpoint: 'other', status: 401, flows: true, errcode: 'M_UNKNOWN_TOKEN' },
    ],
  ],
  [
    'a request that arrived without its token',
    'token-missing',
    endpoints.map((endpoint) => ({ endpoint, status: 401, errcode: 'M_MISSING_TOKEN' })),
  ],
  [
    'an operation that the token is too weak for, or that is not allowed',
    'not-auth',
    [
      { endpoint: 'other', status: 401, errcode: 'M_FORBIDDEN' },
      { endpoint: 'other', status: 403, errcode: 'M_FORBIDDEN' },
      { endpoint: 'other', status: 403, errcode: 'M_USER_SUSPENDED' },
      { endpoint: 'other', status: 403, errcode: 'M_GUEST_ACCESS_FORBIDDEN' },
      { endpoint: 'other', status: 403, errcode: 'M_CONSENT_NOT_GIVEN' },
      { endpoint: 'other', status: 403, errcode: 'M_RESOURCE_LIMIT_EXCEEDED' },
      { endpoint: 'other', status: 403, errcode: 'M_USER_LIMIT_EXCEEDED' },
    ],
  ],
  [
    'a rate limit on a request of the bot’s own: it is the caller’s business',
    'not-auth',
    [{ endpoint: 'other', status: 429, errcode: 'M_LIMIT_EXCEEDED', retryAfterMs: 1_000 }],
  ],
  [
    'a 401 or 403 of a proxy or a firewall',
    'not-auth',
    [
      { endpoint: 'other', status: 401 },
      { endpoint: 'other', status: 403 },
    ],
  ],
];

/** Which row decides: more than one can come to the same meaning, and the table says why. */
describe('the row that decides', () => {
  const asked = ['login', 'refresh', 'whoami'] as const;
  const otherwise = 'refresh or whoami answered with something else';
  test.each<
    [
      row: string,
      endpoints: readonly Endpoint[],
      statuses: readonly number[],
      errcodes: readonly (string | undefined)[],
    ]
  >([
    ['rate limited', asked, [429], ['M_LIMIT_EXCEEDED', undefined]],
    ['request time-out', asked, [408], ['M_UNKNOWN', undefined]],
    ['account locked', endpoints, [401, 403], ['M_USER_LOCKED']],
    ['account deactivated', asked, [401, 403], ['M_USER_DEACTIVATED']],
    ['refresh token refused', ['refresh'], [401], ['M_UNKNOWN_TOKEN', 'M_FORBIDDEN']],
    ['refresh token used or expired', ['refresh'], [403], ['M_UNKNOWN_TOKEN', 'M_FORBIDDEN']],
    ['no refresh tokens on this server', ['refresh'], [404, 405], ['M_UNRECOGNIZED']],
    ['login refused', ['login'], [403], ['M_FORBIDDEN', 'ORG_MATRIX_EXPIRED_ACCOUNT']],
    ['login token refused', ['login'], [401], ['M_UNKNOWN_TOKEN', 'M_FORBIDDEN', 'M_UNAUTHORIZED']],
    ['no such login on this server', ['login'], [404, 405], ['M_UNRECOGNIZED']],
    [
      'kind of login unknown',
      ['login'],
      [400],
      [
        'M_UNKNOWN',
        'M_UNRECOGNIZED',
        'M_INVALID_PARAM',
        'M_APPSERVICE_LOGIN_UNSUPPORTED',
        'IO.ELEMENT.MSC4190.M_APPSERVICE_LOGIN_UNSUPPORTED',
      ],
    ],
    ['not from Matrix', asked, [401, 403], [undefined]],
    ['login not in a state to succeed', ['login'], [403], ['M_RESOURCE_LIMIT_EXCEEDED']],
    ['token refused', ['whoami', 'other'], [401], ['M_UNKNOWN_TOKEN']],
    ['token missing', endpoints, [401], ['M_MISSING_TOKEN']],
    ['scope or permission lacking', ['whoami', 'other'], [401, 403], ['M_FORBIDDEN']],
    [otherwise, asked, [400, 418], ['M_BAD_JSON', undefined]],
    [otherwise, ['refresh', 'whoami'], [403], ['M_RESOURCE_LIMIT_EXCEEDED']],
    ['anything else', ['other'], [403, 404, 408, 429], ['M_USER_DEACTIVATED', 'M_NOT_FOUND', undefined]],
  ])('is "%s" for %j %j %j', (row, of, statuses, errcodes) => {
    for (const endpoint of of) {
      for (const status of statuses) {
        for (const errcode of errcodes) {
          const refusal = { endpoint, status, ...(errcode === undefined ? {} : { errcode }) };
          expect([refusal, rowOf(refusal).name]).toEqual([refusal, row]);
        }
      }
    }
  });

  test('is the first for a server error and for no answer, and no other status', () => {
    expect(rowOf({ endpoint: 'login', status: 0, trouble: 'timeout' }).name).toBe('no answer');
    expect([499, 500, 599].map((status) => rowOf({ endpoint: 'other', status }).name)).toEqual([
      'anything else',
      'server error',
      'server error',
    ]);
  });

  test('is about user-interactive authentication for a 401 only', () => {
    expect(rowOf({ endpoint: 'other', status: 401, flows: true }).name).toBe(
      'user-interactive authentication',
    );
    expect(rowOf({ endpoint: 'other', status: 403, flows: true }).name).toBe('anything else');
  });
});

describe('what it means:', () => {
  test.each(situations)('%s: %s', (_, means, refusals) => {
    for (const refusal of refusals) expect([refusal, meaningOf(refusal)]).toEqual([refusal, means]);
  });
});

describe('the failure that a refused login stands for', () => {
  test.each<[errcode: string, status: number, FailureReason | undefined]>([
    ['M_FORBIDDEN', 403, 'login-refused'],
    ['M_UNKNOWN_TOKEN', 401, 'login-refused'],
    ['M_UNAUTHORIZED', 401, 'login-refused'],
    ['M_USER_DEACTIVATED', 403, 'deactivated'],
    ['M_UNRECOGNIZED', 404, 'login-unsupported'],
    ['M_USER_LOCKED', 401, undefined],
    ['M_LIMIT_EXCEEDED', 429, undefined],
    ['M_MISSING_TOKEN', 401, undefined],
  ])('%s %i: %s', (errcode, status, reason) => {
    expect(failureOf({ endpoint: 'login', status, errcode })).toBe(reason);
  });

  test('a server without refresh tokens is no failure', () => {
    expect(failureOf({ endpoint: 'refresh', status: 404, errcode: 'M_UNRECOGNIZED' })).toBeUndefined();
  });

  test('there is advice for every reason, in whole sentences', () => {
    for (const sentence of Object.values(advice)) expect(sentence).toMatch(/^[A-Z].*[.]$/);
  });
});

test.each<[string, Rejection]>([
  ['login: 403 M_FORBIDDEN', { endpoint: 'login', status: 403, errcode: 'M_FORBIDDEN' }],
  ['the request: 401', { endpoint: 'other', status: 401 }],
  [
    'refresh: the homeserver could not be reached',
    { endpoint: 'refresh', status: 0, trouble: 'unreachable' },
  ],
  ['whoami: the homeserver did not answer in time', { endpoint: 'whoami', status: 0, trouble: 'timeout' }],
  [
    "login: the homeserver's answer (200) could not be understood",
    { endpoint: 'login', status: 200, trouble: 'malformed' },
  ],
])('in words: %s', (words, rejection) => {
  expect(rejectionText(rejection)).toBe(words);
});
