import { MatrixError } from '../matrix-error.ts';

/** A refusal of an OAuth 2.0 endpoint (RFC 6749, section 5.2): an `error`, and no `errcode`. */
export const oauthError = (status: number, error: string, description = 'refused by the test homeserver') =>
  new MatrixError(status, { error, error_description: description });

export const invalidGrant = () => oauthError(400, 'invalid_grant', 'The grant is invalid.');
export const invalidClient = () => oauthError(401, 'invalid_client', 'Client authentication failed.');
export const invalidRequest = (what: string) => oauthError(400, 'invalid_request', what);
