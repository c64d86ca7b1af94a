import type { IncomingHttpHeaders } from 'node:http';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { invalidParam, matrixError, missingToken } from './matrix-error.ts';
import type { OpenRequest } from './requests.ts';

/** A request with its body read. */
export interface Incoming {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The named parts of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  readonly record: OpenRequest;
}

/** @throws MatrixError 400 `M_NOT_JSON` or `M_BAD_JSON`. */
export function jsonBody(incoming: Incoming, allowEmpty = false): JsonObject {
  if (allowEmpty && incoming.body === '') return {};
  const parsed = parseJson(incoming.body);
  if (parsed === undefined) throw matrixError(400, 'M_NOT_JSON', 'Content not JSON.');
  if (!isObject(parsed)) throw matrixError(400, 'M_BAD_JSON', 'Content must be a JSON object.');
  return parsed;
}

/** A named part of the path. */
export function param(incoming: Incoming, name: string): string {
  return incoming.params[name] ?? '';
}

/** A whole number from the query. @throws MatrixError 400 `M_INVALID_PARAM`. */
export function integerQuery(incoming: Incoming, name: string, fallback: number): number {
  const text = incoming.query.get(name);
  if (text === null) return fallback;
  if (!/^-?\d+$/.test(text)) throw invalidParam(`Query parameter ${name} must be an integer`);
  if (text.startsWith('-')) throw invalidParam(`Query parameter ${name} must be a positive integer.`);
  return Number(text);
}

/** @throws MatrixError 401 `M_MISSING_TOKEN`, in the words that say what was wrong with the header. */
export function accessTokenOf(incoming: Pick<Incoming, 'headers' | 'query'>): string {
  const header = incoming.headers.authorization;
  const inQuery = incoming.query.get('access_token');
  if (header !== undefined) {
    if (inQuery !== null) {
      throw missingToken('Mixing Authorization headers and access_token query parameters.');
    }
    const [scheme, token, ...rest] = header.split(' ');
    if (scheme !== 'Bearer' || !token || rest.length > 0) throw missingToken('Invalid Authorization header.');
    return token;
  }
  if (inQuery === null) throw missingToken();
  return inQuery;
}
