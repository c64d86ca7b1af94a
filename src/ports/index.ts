export type { ClientPort, ClientSession, ClientTrouble } from './client.ts';
export type { Credentials } from './credentials.ts';
export type {
  Answer,
  CallOptions,
  Homeserver,
  LoginRequest,
  TokenGrant,
  Whoami,
} from './homeserver.ts';
export { fingerprintOf, Secret } from './secret.ts';
export {
  SessionStoreError,
  type SessionRecord,
  type SessionStore,
  type StoredSession,
  viewOf,
} from './sessions.ts';
