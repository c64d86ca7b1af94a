export type { EncryptionKey, KeySource } from '../shared/encryption.ts';
export { migratePostgresSessions, postgresSessionsSql } from './schema.ts';
export { postgresSessions, type PostgresSessionsOptions } from './sessions.ts';
