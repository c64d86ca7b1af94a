import type { IncomingMessage } from 'node:http';

/** The URL of a request, on whatever host. */
export function urlOf(request: IncomingMessage): URL {
  return URL.parse(`http://127.0.0.1${request.url ?? '/'}`) ?? new URL('http://127.0.0.1/');
}
