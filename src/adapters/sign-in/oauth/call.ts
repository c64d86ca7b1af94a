import * as oauth from 'oauth4webapi';
import type { Endpoint, Rejection } from '../../../machines/auth/index.ts';
import type { Answer } from '../../../ports/index.ts';
import { exchangeHttp, type HttpAnswer } from '../../http/index.ts';

/** How the authorization server is reached. */
export interface Reach {
  /** What a refusal is about. */
  readonly endpoint: Extract<Endpoint, 'login' | 'refresh' | 'other'>;
  readonly homeserverUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly timeoutMs?: number | undefined;
  readonly signal: AbortSignal;
}

/** What every request of the library is made with. */
export interface RequestOptions {
  readonly signal: AbortSignal;
  readonly [oauth.customFetch]: typeof globalThis.fetch;
  readonly [oauth.allowInsecureRequests]: boolean;
}

/** Sends one request of the library to the authorization server. */
export async function call(
  { endpoint, homeserverUrl, fetch, timeoutMs = 10_000, signal }: Reach,
  address: string,
  send: (options: RequestOptions) => Promise<Response>,
): Promise<Answer<HttpAnswer>> {
  const answer = await exchangeHttp(
    { endpoint, address, who: 'the authorization server', timeoutMs, signal },
    (limit) =>
      send({
        signal: limit,
        [oauth.customFetch]: fetch,
        // Where the homeserver itself speaks http, as in a test, its authorization server may, too.
        [oauth.allowInsecureRequests]: isInsecure(homeserverUrl),
      }),
  );
  return answer.ok ? answer : { ok: false, rejection: redirectedElsewhere(answer.rejection) };
}

/** A redirect says that something else answers; it is no mistake in the address of the homeserver. */
function redirectedElsewhere(rejection: Rejection): Rejection {
  if (rejection.detail?.code !== 'redirect') return rejection;
  const what = rejection.detail.what.replace('the address', 'the address of the authorization server');
  return { ...rejection, detail: { code: 'no-authorization-server', what } };
}

export function isInsecure(url: string): boolean {
  return url.startsWith('http:');
}
