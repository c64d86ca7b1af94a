/**
 * Keeps a Matrix bot signed in: `createMatrixAuth`, credentials and ways to sign in, and the session store in memory.
 * @module
 */

export {
  type CredentialOptions,
  CredentialsError,
  credentials,
  credentialsFromEnv,
} from './adapters/credentials/index.ts';
export { RequestHeldTooLongError, TooManyRequestsHeldError } from './adapters/fetch/index.ts';
export {
  type AccessTokenOptions,
  type ApplicationServiceOptions,
  type AskOptions,
  accessToken,
  applicationService,
  ask,
  type JwtOptions,
  jwt,
  type LoginTokenOptions,
  loginToken,
  type PasswordOptions,
  password,
  type Question,
} from './adapters/sign-in/index.ts';
export {
  MessageExpiredError,
  MessageRefusedError,
  type MessageOutcome,
  OutboxFullError,
  type SendOptions,
  type Sent,
} from './adapters/outbox/index.ts';
export { HomeserverAddressError } from './adapters/homeserver/index.ts';
export { type LoginBudget, memorySessions } from './adapters/sessions/index.ts';
export { createMatrixAuth } from './auth/create-matrix-auth.ts';
export {
  AuthCrashedError,
  AuthFailedError,
  AuthStoppedError,
  CannotRenewError,
  LogoutFailedError,
} from './auth/errors.ts';
export {
  createFleet,
  type Fleet,
  type FleetOptions,
  type FleetTraffic,
  type SharedSession,
  type SharedSessions,
  shareSessions,
  type ShareSessionsOptions,
} from './auth/fleet/index.ts';
export type { MatrixAuthEvents } from './auth/events.ts';
export type { MatrixAuth } from './auth/matrix-auth.ts';
export { rejectionOfError } from './auth/matrix-errors.ts';
export type { Logger, MatrixAuthOptions } from './auth/options.ts';
export type { SessionTroubleCode } from './auth/voice/codes.ts';
export type { SignInOptions } from './auth/sign-in-ladder.ts';
export type { AuthSnapshot, AuthState } from './observe/index.ts';
export {
  authMachine,
  type FailureReason,
  type Meaning,
  meaningOf,
  type Rejection,
  type Schedule,
  type Session,
} from './machines/auth/index.ts';
export {
  type Answer,
  type AskForSecret,
  type AuthorizationRequest,
  type Change,
  type Claim,
  type ClaimOptions,
  type ClientPort,
  type ClientSession,
  type Credentials,
  type ExpectedAccount,
  type GivenRecord,
  type GivenTokens,
  type Homeserver,
  type LeaderRecord,
  type LoginFlow,
  type LoginsRecord,
  type LogoutRecord,
  type PositionRecord,
  type RecordKind,
  type Renewal,
  type RenewalContext,
  type RenewalData,
  Secret,
  type SecretFile,
  type SecretRequest,
  type SecretSource,
  type SessionRecord,
  type SessionRecords,
  type SessionStore,
  SessionStoreError,
  type SignIn,
  type SignInAdvice,
  type SignInContext,
  type StoredSession,
  type TokenGrant,
} from './ports/index.ts';
