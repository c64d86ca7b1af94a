/**
 * A session store in a PostgreSQL table, shared by any number of processes.
 * @module
 */

export type { EncryptionKey, KeySource } from '../shared/encryption.ts';
export { migratePostgresSessions, postgresSessionsSql } from './schema.ts';
export { postgresSessions, type PostgresSessionsOptions } from './sessions.ts';
