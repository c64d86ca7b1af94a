export type { EncryptionKey, KeySource } from '../encryption.ts';
export { sqliteSessions, type SqliteSessionsOptions } from './sessions.ts';
