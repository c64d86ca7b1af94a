import { asString, type JsonObject } from '../json.ts';

/** An answer other than 200: the status and the body, as Synapse words them. */
export class MatrixError extends Error {
  readonly status: number;
  readonly body: JsonObject;
  readonly headers: Record<string, string>;

  constructor(status: number, body: JsonObject, headers: Record<string, string> = {}) {
    super(`${status} ${asString(body['errcode']) ?? 'without errcode'}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export const matrixError = (status: number, errcode: string, error: string) =>
  new MatrixError(status, { errcode, error });

export const forbidden = (error: string) => matrixError(403, 'M_FORBIDDEN', error);
export const notFound = (error: string) => matrixError(404, 'M_NOT_FOUND', error);
export const invalidParam = (error: string) => matrixError(400, 'M_INVALID_PARAM', error);
/** Synapse's answer where it gives no better code. */
export const badRequest = (error: string) => matrixError(400, 'M_UNKNOWN', error);
export const missingToken = (error = 'Missing access token') => matrixError(401, 'M_MISSING_TOKEN', error);
export const unrecognized = (status = 404) => matrixError(status, 'M_UNRECOGNIZED', 'Unrecognized request');
export const wrongPassword = () => forbidden('Invalid username or password');

export const missingParams = (names: readonly string[]) =>
  matrixError(400, 'M_MISSING_PARAM', `Missing params: [${names.map((name) => `'${name}'`).join(', ')}]`);

/** An access token that is not, or no longer, good. */
export const unknownToken = (error: string, softLogout: boolean) =>
  new MatrixError(401, { errcode: 'M_UNKNOWN_TOKEN', error, soft_logout: softLogout });

/** A refresh token that is not, or no longer, good: these answers have no `soft_logout`. */
export const unknownRefreshToken = (error: string) => matrixError(401, 'M_UNKNOWN_TOKEN', error);

export const userLocked = () =>
  new MatrixError(401, {
    errcode: 'M_USER_LOCKED',
    error: 'User account has been locked',
    soft_logout: true,
  });

/** The same at a login on matrix-authentication-service. */
export const userLockedCompat = () => matrixError(401, 'M_USER_LOCKED', 'User account has been locked');

/** The account is suspended, and `what` is among what it must not do. */
export const suspended = (what: string) =>
  matrixError(403, 'M_USER_SUSPENDED', `${what} while account is suspended is not allowed.`);

export const limitExceeded = (retryAfterMs: number) =>
  new MatrixError(
    429,
    { errcode: 'M_LIMIT_EXCEEDED', error: 'Too Many Requests', retry_after_ms: retryAfterMs },
    { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) },
  );
