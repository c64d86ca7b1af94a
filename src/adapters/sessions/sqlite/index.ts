export type { EncryptionKey, KeySource } from '../shared/encryption.ts';
export { sqliteSessions, type SqliteSessionsOptions } from './sessions.ts';
