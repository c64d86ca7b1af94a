/** What a request without a body does not say of one; the Fetch standard's list. */
const ofBody = ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length'];

/** A request as the caller gave it, and how to send it again. */
export interface Call {
  readonly url: URL;
  readonly method: string;
  readonly signal: AbortSignal | undefined;
  readonly redirect: RequestRedirect;
  /** The bearer token that the caller put on the request, if any. */
  readonly bearer: string | undefined;
  /** Sends the request just as it was given. */
  sendAsGiven(): Promise<Response>;
  /** Sends the request with this token in place of the caller's, and follows no redirect. */
  send(token: string): Promise<Response>;
  /** Sends it to where a redirect with this status points. Without a token, redirects from there are followed. */
  resend(to: URL, status: number, token?: string): Promise<Response>;
}

/** @throws {TypeError} if the URL is none, as `fetch` does */
export function callOf(
  fetch: typeof globalThis.fetch,
  given: string | URL | Request,
  how: RequestInit | undefined,
): Call {
  // `fetch` takes a Request in its place, too. A copy of that has nothing in it.
  if (how instanceof Request) return callOf(fetch, new Request(given, how), undefined);
  // The caller may change its own afterwards.
  const init = how && { ...how };
  const input = given instanceof Request ? given : String(given);
  let request = input instanceof Request ? input : undefined;
  const url = new URL(input instanceof Request ? input.url : input);
  const givenHeaders = init?.headers ?? request?.headers;
  // Making `Headers`, and reading a query, is most of what a call would cost.
  const headers = givenHeaders && new Headers(givenHeaders);
  const inQuery = url.search === '' ? null : url.searchParams.get('access_token');
  const bearer = /^Bearer (.+)/i.exec(headers?.get('authorization') ?? '')?.[1] ?? inQuery ?? undefined;
  const method = (init?.method ?? request?.method ?? 'GET').toUpperCase();
  const signal = init?.signal ?? request?.signal;
  const redirect = init?.redirect ?? request?.redirect ?? 'follow';
  if (inQuery !== null) url.searchParams.delete('access_token');

  function send(to: URL, token: string | undefined, bodiless = false): Promise<Response> {
    const changes = {
      headers: headersOf(headers, token, bodiless),
      signal: signal ?? null,
      // To where the token may go along is not for the platform to decide.
      ...(token !== undefined && redirect === 'follow' && { redirect: 'manual' as const }),
      ...(bodiless && { method: method === 'HEAD' ? 'HEAD' : 'GET', body: null }),
    };
    // A stream is gone once it was sent; a Request can be copied before it is.
    if (isOneWay(init?.body) && !bodiless) {
      request ??= new Request(url, { duplex: 'half', ...init } as RequestInit);
      return fetch(new Request(to, request.clone()), changes);
    }
    // A Request's body can be read once: a copy is sent, and the original kept for a repetition.
    const copy = request === undefined || bodiless ? to : new Request(to, request.clone());
    return fetch(copy, { ...init, ...changes });
  }

  return {
    url,
    method,
    signal,
    redirect,
    bearer,
    sendAsGiven: () => fetch(input, init),
    send: (token) => send(url, token),
    resend: (to, status, token) =>
      // As the Fetch standard has it: these turn into a GET without a body.
      send(to, token, status === 303 || ((status === 301 || status === 302) && method === 'POST')),
  };
}

function headersOf(given: Headers | undefined, token: string | undefined, bodiless: boolean): HeadersInit {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  if (given === undefined) return authorization;
  const headers = new Headers(given);
  for (const name of bodiless ? ['authorization', ...ofBody] : ['authorization']) headers.delete(name);
  for (const [name, value] of Object.entries(authorization)) headers.set(name, value);
  return headers;
}

/** Whether a token and nothing else has to be added to it, to be sent to an endpoint that takes one. */
export function isSimple(init: RequestInit | undefined): boolean {
  if (init === undefined) return true;
  const { headers, redirect = 'follow', body, signal } = init;
  return headers === undefined && redirect === 'follow' && !isOneWay(body) && signal?.aborted !== true;
}

/** A stream is gone once it was sent, whichever kind it is; no other body is an async iterable. */
function isOneWay(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}
