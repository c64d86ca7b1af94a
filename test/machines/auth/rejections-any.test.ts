import fc from 'fast-check';
import { describe, test } from 'vitest';
import {
  type Endpoint,
  type Meaning,
  meaningOf,
  type Rejection,
  rejections,
} from '../../../src/machines/index.ts';
import { rounds } from '../../support/long.ts';

const endpoints: readonly Endpoint[] = ['login', 'refresh', 'whoami', 'other'];
const errcodes = new Set(
  rejections.flatMap(({ when: { errcode } }) =>
    errcode === undefined || errcode === null ? ['M_OTHER'] : [errcode].flat(),
  ),
);

const anyRejection: fc.Arbitrary<Rejection> = fc
  .record(
    {
      endpoint: fc.constantFrom(...endpoints),
      status: fc.oneof(
        fc.constantFrom(0, 200, 400, 401, 403, 404, 405, 408, 429),
        fc.integer({ min: 100, max: 599 }),
      ),
      errcode: fc.constantFrom(...errcodes),
      softLogout: fc.boolean(),
      flows: fc.boolean(),
      trouble: fc.constantFrom('unreachable', 'timeout', 'malformed'),
    },
    { requiredKeys: ['endpoint', 'status'] },
  )
  .map((each) => each as Rejection);

describe('whatever the homeserver says', () => {
  const always = (holds: (rejection: Rejection, meaning: Meaning) => boolean) =>
    fc.assert(
      fc.property(anyRejection, (rejection) => holds(rejection, meaningOf(rejection))),
      { numRuns: rounds({ short: 2_000, long: 50_000 }) },
    );

  test('no trouble and no 5xx says anything about the session', () => {
    always((r, means) => (r.trouble === undefined && r.status < 500) || means === 'transient');
  });

  test('only an answer of Matrix with an error code proves a credential dead', () => {
    const dead: readonly Meaning[] = [
      'token-dead',
      'refresh-dead',
      'login-refused',
      'deactivated',
      'locked',
      'unsupported',
    ];
    always((r, means) => !dead.includes(means) || r.errcode !== undefined);
  });

  test('each endpoint condemns only what it was given', () => {
    const of: Partial<Record<Meaning, readonly Endpoint[]>> = {
      'token-dead': ['whoami', 'other'],
      'refresh-dead': ['refresh'],
      'login-refused': ['login'],
      unsupported: ['login', 'refresh'],
      deactivated: ['login', 'refresh', 'whoami'],
    };
    always((r, means) => of[means]?.includes(r.endpoint) ?? true);
  });

  test('a request of the bot’s own is refused for its token only by a 401', () => {
    always(
      (r, means) =>
        r.endpoint !== 'other' || means !== 'token-dead' || (r.status === 401 && r.flows !== true),
    );
  });

  test('soft_logout changes nothing', () => {
    always((r, means) => {
      const { softLogout: _, ...without } = r;
      return meaningOf(without) === means;
    });
  });
});
