export type {
  ClientPort,
  ClientSession,
  ClientTrouble,
  ConnectOptions,
  HandlerTrouble,
  StoredPosition,
  SyncTrouble,
} from './client.ts';
export { CryptoInUseError, CryptoMismatchError } from './crypto.ts';
export type { CryptoDevice, CryptoOpenOptions, CryptoStore, DeviceCrypto } from './crypto.ts';
export type { Credentials } from './credentials.ts';
export type {
  Answer,
  CallOptions,
  Homeserver,
  LoginFlow,
  LoginRequest,
  TokenGrant,
  Whoami,
} from './homeserver.ts';
export { inspectCustom } from './inspect-custom.ts';
export { packageVersion } from './package-version.ts';
export type { Renewal, RenewalContext, RenewalData } from './renewal.ts';
export { fingerprintOf, Secret } from './secret.ts';
export { readSecretFile } from './secret-file.ts';
export type { AskForSecret, SecretFile, SecretRequest, SecretSource } from './secret-source.ts';
export {
  type Change,
  type Claim,
  type ClaimOptions,
  type GivenRecord,
  type LeaderRecord,
  type LoginsRecord,
  type LogoutRecord,
  type OutboxRecord,
  type PositionRecord,
  type QueuedMessage,
  type RecordKind,
  SessionStoreError,
  type SessionRecord,
  type SessionRecords,
  type SessionStore,
  type StoredSession,
  viewOf,
} from './sessions.ts';
export { sha256 } from './sha256.ts';
export type {
  AuthorizationRequest,
  ExpectedAccount,
  GivenTokens,
  SignIn,
  SignInAdvice,
  SignInContext,
} from './sign-in.ts';
