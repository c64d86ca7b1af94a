/**
 * A session store in an SQLite file, shared by the processes of one computer.
 * @module
 */

export type { EncryptionKey, KeySource } from '../shared/encryption.ts';
export { sqliteSessions, type SqliteSessionsOptions } from './sessions.ts';
