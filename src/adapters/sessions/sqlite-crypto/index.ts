/**
 * Keys of encrypted rooms that last, in an SQLite file.
 * @module
 */
export type { EncryptionKey, KeySource } from '../shared/encryption.ts';
export { sqliteCrypto, type SqliteCryptoOptions } from './sqlite-crypto.ts';
