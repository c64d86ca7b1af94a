export type { EncryptionKey, KeySource } from '../encryption.ts';
export { migratePostgresSessions, postgresSessionsSql } from './schema.ts';
export { postgresSessions, type PostgresSessionsOptions } from './sessions.ts';
