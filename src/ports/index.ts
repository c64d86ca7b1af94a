export type { ClientPort, ClientSession, ClientTrouble, ConnectOptions } from './client.ts';
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
export type { Renewal, RenewalContext } from './renewal.ts';
export { fingerprintOf, Secret } from './secret.ts';
export {
  SessionStoreError,
  type SessionRecord,
  type SessionStore,
  type StoredSession,
  viewOf,
} from './sessions.ts';
export type {
  AuthorizationRequest,
  ExpectedAccount,
  GivenTokens,
  SignIn,
  SignInAdvice,
  SignInContext,
} from './sign-in.ts';
