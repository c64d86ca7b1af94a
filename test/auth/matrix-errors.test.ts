import { MatrixError } from 'matrix-js-sdk';
import { describe, expect, it } from 'vitest';
import { meaningOf, rejectionOfError } from '../../src/index.ts';

const body = { errcode: 'M_UNKNOWN_TOKEN', error: 'expired', soft_logout: true };

describe('what an SDK throws is read as a refusal', () => {
  it('of matrix-js-sdk', () => {
    const error = new MatrixError(body, 401);
    expect(rejectionOfError(error)).toEqual({
      endpoint: 'other',
      status: 401,
      errcode: 'M_UNKNOWN_TOKEN',
      softLogout: true,
    });
  });

  it('of matrix-bot-sdk', () => {
    const error = Object.assign(new Error('M_UNKNOWN_TOKEN: expired'), {
      body,
      statusCode: 401,
      errcode: 'M_UNKNOWN_TOKEN',
      retryAfterMs: undefined,
    });
    expect(rejectionOfError(error)).toMatchObject({
      status: 401,
      errcode: 'M_UNKNOWN_TOKEN',
      softLogout: true,
    });
  });

  it('as the cause of another error', () => {
    const error = new Error('could not send', {
      cause: new Error('really', { cause: new MatrixError(body, 401) }),
    });
    expect(rejectionOfError(error)).toMatchObject({ status: 401, errcode: 'M_UNKNOWN_TOKEN' });
  });

  it('with the wait it asks for', () => {
    const error = new MatrixError({ errcode: 'M_LIMIT_EXCEEDED', error: '', retry_after_ms: 1_000 }, 429);
    expect(rejectionOfError(error)).toMatchObject({ status: 429, retryAfterMs: 1_000 });
  });

  it('of user-interactive authentication, which is no token error', () => {
    const rejection = rejectionOfError(new MatrixError({ flows: [], session: 'x' }, 401));
    expect(rejection).toEqual({ endpoint: 'other', status: 401, flows: true });
    expect(rejection && meaningOf(rejection)).toBe('not-auth');
  });
});

describe('what is no refusal', () => {
  const circular: { cause?: unknown } = {};
  circular.cause = circular;
  it.each([
    ['a network error', new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })],
    ['an error with a status and nothing of Matrix', Object.assign(new Error(''), { status: 401 })],
    ['an error with an errcode and no status', Object.assign(new Error(''), { errcode: 'M_UNKNOWN_TOKEN' })],
    ['an errcode that is a number', Object.assign(new Error(''), { status: 401, errcode: 42 })],
    ['a string', 'M_UNKNOWN_TOKEN'],
    ['undefined', undefined],
    ['null', null],
    ['its own cause', circular],
  ])('%s', (_, error) => {
    expect(rejectionOfError(error)).toBeUndefined();
  });
});
