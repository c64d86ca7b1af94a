/** How a request is sent. */
export interface Sending {
  /** Default: none. */
  readonly token?: string;
  /** Default: as the caller wants it. */
  readonly redirect?: RequestRedirect;
}

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
  sendAsGiven(fetch: typeof globalThis.fetch): Promise<Response>;
  /** Sends the request with this token in place of the caller's. */
  send(fetch: typeof globalThis.fetch, sending: Sending): Promise<Response>;
  /** Sends it to where a redirect with this status points. */
  resend(fetch: typeof globalThis.fetch, to: URL, status: number, sending: Sending): Promise<Response>;
}

/** @throws {TypeError} if the URL is none, as `fetch` does */
export function callOf(input: string | URL | Request, init: RequestInit | undefined): Call {
  let request = input instanceof Request ? input : undefined;
  const url = new URL(input instanceof Request ? input.url : input);
  const givenHeaders = init?.headers ?? request?.headers;
  // Most calls bring no headers. Making `Headers`, and reading a query, is most of what a call would cost.
  const given = givenHeaders && new Headers(givenHeaders);
  const inQuery = url.search === '' ? null : url.searchParams.get('access_token');
  const bearer = /^Bearer (.+)/i.exec(given?.get('authorization') ?? '')?.[1] ?? inQuery ?? undefined;
  const method = (init?.method ?? request?.method ?? 'GET').toUpperCase();
  const signal = init?.signal ?? request?.signal;
  if (inQuery !== null) url.searchParams.delete('access_token');

  function send(
    fetch: typeof globalThis.fetch,
    to: URL,
    { token, redirect }: Sending,
    bodiless = false,
  ): Promise<Response> {
    const headers = headersOf(given, token, bodiless);
    const changes = {
      headers,
      signal: signal ?? null,
      ...(redirect === undefined ? {} : { redirect }),
      ...(bodiless ? { method: method === 'HEAD' ? 'HEAD' : 'GET', body: null } : {}),
    };
    if (bodiless) return fetch(to, { ...init, ...changes });
    // A stream is gone once it was sent; a Request can be copied before it is.
    if (isOneWay(init?.body)) {
      request ??= new Request(url, { duplex: 'half', ...init } as RequestInit);
      return fetch(new Request(to, request.clone()), changes);
    }
    if (request === undefined) return fetch(to, { ...init, ...changes });
    // A Request's body can be read once: a copy is sent, and the original kept for a repetition.
    return fetch(new Request(to, request.clone()), { ...init, ...changes });
  }

  return {
    url,
    method,
    signal,
    redirect: init?.redirect ?? request?.redirect ?? 'follow',
    bearer,
    sendAsGiven: (fetch) => fetch(input, init),
    send: (fetch, sending) => send(fetch, url, sending),
    resend: (fetch, to, status, sending) =>
      // As the Fetch standard has it: these turn into a GET without a body.
      send(fetch, to, sending, status === 303 || ((status === 301 || status === 302) && method === 'POST')),
  };
}

function headersOf(given: Headers | undefined, token: string | undefined, bodiless: boolean): HeadersInit {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  if (given === undefined) return authorization;
  const headers = new Headers(given);
  headers.delete('authorization');
  if (bodiless) for (const name of ofBody) headers.delete(name);
  for (const [name, value] of Object.entries(authorization)) headers.set(name, value);
  return headers;
}

/** A stream is gone once it was sent, whichever kind it is; no other body is an async iterable. */
function isOneWay(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}
