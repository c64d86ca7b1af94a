import type { Call } from './call.ts';
import { takesToken } from './endpoints.ts';

const MAX_REDIRECTS = 20;

export interface Followed {
  readonly response: Response;
  /** The request that was answered had the token. If not, the answer says nothing about it. */
  readonly carriedToken: boolean;
}

/**
 * Sends a request with its token, and follows redirects as the caller wants them followed. The token goes along only
 * to this homeserver's authenticated endpoints: `fetch` itself would take it to any path of the same origin.
 */
export async function sendFollowing(
  call: Call,
  fetch: typeof globalThis.fetch,
  token: string,
  homeserver: URL,
): Promise<Followed> {
  if (call.redirect !== 'follow') return { response: await call.send(fetch, { token }), carriedToken: true };
  let response = await call.send(fetch, { token, redirect: 'manual' });
  let { url } = call;
  for (let count = 0; ; count += 1) {
    const next = target(response, url);
    if (next === undefined) return { response, carriedToken: true };
    await response.body?.cancel();
    if (count === MAX_REDIRECTS) throw new TypeError(`fetch failed: more than ${MAX_REDIRECTS} redirects`);
    // Without a token there is nothing more to guard, and the platform follows the rest.
    if (!takesToken(next, homeserver, true)) {
      return { response: await call.resend(fetch, next, response.status, {}), carriedToken: false };
    }
    url = next;
    response = await call.resend(fetch, next, response.status, { token, redirect: 'manual' });
  }
}

function target(response: Response, from: URL): URL | undefined {
  const location = response.headers.get('location');
  if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return undefined;
  return URL.canParse(location, from.href) ? new URL(location, from) : undefined;
}
