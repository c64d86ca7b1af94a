/** A request as the caller gave it, and how to send it again. */
export interface Call {
  readonly url: URL;
  readonly signal: AbortSignal | undefined;
  /** The bearer token that the caller put on the request, if any. */
  readonly bearer: string | undefined;
  /** Whether the body can be sent a second time. */
  readonly replayable: boolean;
  /** Sends the request with this token, or as it was given. */
  send(fetch: typeof globalThis.fetch, token?: string): Promise<Response>;
}

/** @throws {TypeError} if the URL is none, as `fetch` does */
export function callOf(input: string | URL | Request, init: RequestInit | undefined): Call {
  const request = input instanceof Request ? input : undefined;
  const url = new URL(request?.url ?? String(input));
  const headers = new Headers(init?.headers ?? request?.headers);
  const inQuery = url.searchParams.get('access_token');
  const bearer = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? inQuery ?? undefined;
  const body = init?.body ?? undefined;

  return {
    url,
    signal: init?.signal ?? request?.signal ?? undefined,
    bearer,
    replayable: !isOneWay(body),
    send(fetch, token) {
      if (token === undefined) return fetch(input, init);
      headers.set('authorization', `Bearer ${token}`);
      if (inQuery === null) {
        // A Request's body can be read once: the copy is sent, and the original kept for a repetition.
        return fetch(request?.body ? request.clone() : input, { ...init, headers });
      }
      const target = new URL(url);
      target.searchParams.delete('access_token');
      return fetch(request === undefined ? target : new Request(target, request.clone()), {
        ...init,
        headers,
      });
    },
  };
}

/** A stream is gone once it was sent. */
function isOneWay(body: unknown): boolean {
  return (
    body instanceof ReadableStream ||
    (typeof body === 'object' && body !== null && Symbol.asyncIterator in body && !(body instanceof Blob))
  );
}
