export {
  type CredentialOptions,
  CredentialsError,
  credentials,
  credentialsFromEnv,
} from './adapters/credentials/index.ts';
export { RequestHeldTooLongError, TooManyRequestsHeldError } from './adapters/fetch/index.ts';
export { HomeserverAddressError } from './adapters/homeserver/index.ts';
export { type LoginBudget, memorySessions } from './adapters/sessions/index.ts';
export { createMatrixAuth } from './auth/create-matrix-auth.ts';
export { AuthFailedError, AuthStoppedError, CannotRenewError } from './auth/errors.ts';
export type { MatrixAuthEvents } from './auth/events.ts';
export type { MatrixAuth } from './auth/matrix-auth.ts';
export { rejectionOfError } from './auth/matrix-errors.ts';
export type { Logger, MatrixAuthOptions } from './auth/options.ts';
export type { AuthSnapshot, AuthState } from './observe/index.ts';
export {
  authMachine,
  type FailureReason,
  type Meaning,
  meaningOf,
  type Rejection,
  type Schedule,
  type Session,
} from './machines/index.ts';
export {
  type ClientPort,
  type ClientSession,
  type Credentials,
  Secret,
  type SessionRecord,
  type SessionStore,
  SessionStoreError,
  type StoredSession,
} from './ports/index.ts';
