import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { ResolvedOptions } from './options.ts';

/** Why a request is not answered. `kind` is for the log, which has each kind once a minute. */
export interface Refusal {
  readonly status: number;
  readonly kind: string;
  /** The body of the answer. */
  readonly answer: string;
}

const PATH = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*\/?$/;
const QUERY = /^(?:\?[A-Za-z0-9_=&.~-]*)?$/;
const SELF: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);

/** Says why a request is refused before it is even looked at; `undefined` where it is not. */
export function refusalOf(request: IncomingMessage, options: ResolvedOptions): Refusal | undefined {
  const { method, url = '', headers } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, kind: 'another method than GET', answer: 'This page can only be read.' };
  }
  const [, path = '', query = ''] = /^([^?]*)(.*)$/s.exec(url) ?? [];
  if (!PATH.test(path) || !QUERY.test(query)) {
    return { status: 400, kind: 'a path that is none of the page’s', answer: 'There is no such path.' };
  }
  if (!hostAllowed(headers.host, options)) {
    return {
      status: 421,
      kind: 'a foreign Host',
      answer: 'This page is not served under that name. Add it to the option "hosts" if it should be.',
    };
  }
  if (!sameOrigin(headers)) {
    return { status: 403, kind: 'a foreign Origin', answer: 'Another site asked for this page.' };
  }
  return undefined;
}

/** DNS rebinding needs a name, so an address is harmless; where only this machine can come from, only its own are. */
function hostAllowed(header: string | undefined, { hosts, loopback }: ResolvedOptions): boolean {
  if (header === undefined) return false;
  const lower = header.toLowerCase();
  const name = lower.replace(/:\d{1,5}$/, '').replace(/^\[(.*)\]$/, '$1');
  if (SELF.has(name) || hosts.has(name) || hosts.has(lower)) return true;
  return !loopback && isIP(name) !== 0;
}

function sameOrigin(headers: IncomingMessage['headers']): boolean {
  const { origin, host } = headers;
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) return false;
  const site = headers['sec-fetch-site'];
  if (site !== 'cross-site' && site !== 'same-site') return true;
  // A link from elsewhere may lead here; a frame, an image or a script may not.
  return headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
}

export const COOKIE = 'matrix-auth-page';

/** The value of the cookie: proves that its owner knew the token, without containing it. */
export function cookieOf(token: string): string {
  return createHmac('sha256', token).update('matrix-auth-machine page').digest('base64url');
}

/** Whether the request carries the token, or the cookie that was given for it. */
export function isAuthorized({ headers }: IncomingMessage, token: string | undefined): boolean {
  if (token === undefined || bearsToken(headers.authorization, token)) return true;
  const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  const expected = `${COOKIE}=${cookieOf(token)}`;
  return cookies.some((cookie) => equal(cookie, expected));
}

export function bearsToken(authorization: string | undefined, token: string): boolean {
  const [, bearer] = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization ?? '') ?? [];
  return bearer !== undefined && equal(bearer, token);
}

/** Compares in constant time. */
function equal(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
