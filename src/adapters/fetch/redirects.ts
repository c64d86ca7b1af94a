import type { Call } from './call.ts';
import type { TokenScope } from './endpoints.ts';

const MAX_REDIRECTS = 20;
const REDIRECTS = [301, 302, 303, 307, 308];

export interface Followed {
  readonly response: Response;
  /** The request that was answered had the token. If not, the answer says nothing about it. */
  readonly carriedToken: boolean;
}

/**
 * Follows redirects as the caller wants them followed. The token goes along only to this homeserver's authenticated
 * endpoints: `fetch` itself would take it to any path of the same origin.
 */
export async function followRedirects(
  call: Call,
  first: Response,
  token: string,
  scope: TokenScope,
): Promise<Followed> {
  let response = first;
  let { url } = call;
  for (let count = 0; ; count += 1) {
    const next = call.redirect === 'follow' ? target(response, url) : undefined;
    if (next === undefined) return { response, carriedToken: true };
    await response.body?.cancel();
    if (count === MAX_REDIRECTS) throw new TypeError(`fetch failed: more than ${MAX_REDIRECTS} redirects`);
    // Without a token there is nothing more to guard, and the platform follows the rest.
    if (!scope.has(next, true)) {
      return { response: await call.resend(next, response.status), carriedToken: false };
    }
    url = next;
    response = await call.resend(next, response.status, token);
  }
}

function target(response: Response, from: URL): URL | undefined {
  if (!REDIRECTS.includes(response.status)) return undefined;
  const location = response.headers.get('location');
  if (location === null) return undefined;
  return URL.canParse(location, from.href) ? new URL(location, from) : undefined;
}
