import type { RecordedRequest } from './recorded-request.ts';

/**
 * Which requests are meant: by method and path, or by a function of the record. A string as `path` matches the end
 * of the request's path (`'/refresh'`, `'/sync'`); a regular expression is tried on the whole of it. What is left
 * out matches everything.
 */
export type RequestMatch =
  | { readonly method?: string; readonly path?: string | RegExp }
  | ((request: RecordedRequest) => boolean);

export function matches(match: RequestMatch, request: RecordedRequest): boolean {
  if (typeof match === 'function') return match(request);
  if (match.method !== undefined && match.method.toUpperCase() !== request.method) return false;
  if (match.path === undefined) return true;
  return typeof match.path === 'string'
    ? request.path.endsWith(match.path)
    : request.path.search(match.path) >= 0;
}

export function describeMatch(match: RequestMatch): string {
  if (typeof match === 'function') return 'the given function';
  return `${match.method?.toUpperCase() ?? 'any method'} ${match.path === undefined ? 'any path' : String(match.path)}`;
}
