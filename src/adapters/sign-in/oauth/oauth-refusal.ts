import * as v from 'valibot';
import type { Meaning, Rejection } from '../../../machines/auth/index.ts';
import { described, type HttpAnswer, retryAfterMs } from '../../http/index.ts';
import type { Reach } from './call.ts';

const errorBody = v.object({ error: v.pipe(v.string(), v.regex(/^[a-z][a-z_]{0,60}$/)) });
const matrixBody = v.object({ errcode: v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_.]{0,99}$/)) });

/** The `error` of an answer (RFC 6749, section 5.2), where it has one. */
function errorIn({ body }: HttpAnswer): string | undefined {
  return v.is(errorBody, body) ? body.error : undefined;
}

/** What the errors of a refresh mean. All others say nothing about the session. */
const ofRefresh: Readonly<Record<string, Meaning>> = {
  invalid_grant: 'refresh-dead',
  // The refresh token is bound to a client that the server does not know any more.
  invalid_client: 'refresh-dead',
  unauthorized_client: 'refresh-dead',
};

/** What the errors of a sign-in mean. */
const ofLogin: Readonly<Record<string, Meaning>> = {
  access_denied: 'login-refused',
  invalid_scope: 'login-refused',
  invalid_client: 'login-refused',
  invalid_client_metadata: 'login-refused',
  invalid_redirect_uri: 'login-refused',
  unauthorized_client: 'unsupported',
  unsupported_grant_type: 'unsupported',
  unsupported_response_type: 'unsupported',
};

/** A refusal, or an answer that no authorization server gives, with its meaning. */
export function refusalIn({ endpoint }: Pick<Reach, 'endpoint'>, answer: HttpAnswer): Rejection {
  const { status, headers } = answer;
  const asked = retryAfterMs(status, headers, undefined, Date.now());
  const rejection = { endpoint, status, ...(asked === undefined ? {} : { retryAfterMs: asked }) };
  if (status >= 500 || status === 429 || status === 408)
    return { ...rejection, ...foreign(answer), meaning: 'transient' };
  const error = errorIn(answer);
  if (error !== undefined) return { ...rejection, ...oauthRejection({ endpoint }, status, error) };
  if (status < 300 && isObject(answer.body)) {
    const what = `the authorization server’s answer (${status}) has not in it what was asked for`;
    return {
      ...rejection,
      trouble: 'malformed',
      detail: { code: 'malformed-answer', what },
      meaning: 'transient',
    };
  }
  // A server that answers in the way of Matrix all the same: the table knows what that means.
  if (v.is(matrixBody, answer.body)) return { ...rejection, errcode: answer.body.errcode };
  return { ...rejection, ...refusing(status), ...foreign(answer), meaning: 'transient' };
}

/** A refusal by an error of OAuth 2.0. */
export function oauthRejection(
  { endpoint }: Pick<Reach, 'endpoint'>,
  status: number,
  error: string,
): Rejection {
  const meanings = endpoint === 'refresh' ? ofRefresh : ofLogin;
  const meaning = Object.hasOwn(meanings, error) ? meanings[error] : undefined;
  const rejection = { endpoint, status, errcode: error };
  return meaning === undefined
    ? { ...rejection, ...refusing(status, error), meaning: 'transient' }
    : { ...rejection, meaning };
}

/** What says nothing of the session, for whoever looks after the server. */
function refusing(status: number, error?: string): Pick<Rejection, 'detail'> {
  const answer = [status, error].filter((part) => part !== undefined).join(' ');
  const what = `the authorization server refuses a request: ${answer}`;
  return { detail: { code: 'homeserver-refuses', what } };
}

function isObject(body: unknown): body is object {
  return typeof body === 'object' && body !== null;
}

/** What an answer is that is no JSON. */
function foreign({ status, headers, text, body }: HttpAnswer): Pick<Rejection, 'trouble' | 'detail'> {
  if (isObject(body)) return {};
  const what = described(status, headers, text);
  if (status === 429) return { detail: { code: 'rate-limited', what: `too many requests: ${what}` } };
  if (status === 511) {
    return {
      detail: { code: 'access-denied', what: `the network wants somebody to sign in to it first: ${what}` },
    };
  }
  if (status >= 500) {
    return { detail: { code: 'server-error', what: `the authorization server has a problem: ${what}` } };
  }
  const code = [401, 403, 407, 451].includes(status) ? 'access-denied' : 'no-authorization-server';
  return {
    trouble: 'malformed',
    detail: { code, what: `something else answers in place of the authorization server: ${what}` },
  };
}
