import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CryptoDevice, type CryptoStore, SessionStoreError } from '../../../ports/index.ts';
import { bodyCipher, type EncryptionKey } from '../shared/encryption.ts';
import { checkMs } from '../shared/row.ts';
import { whenFree } from '../sqlite/busy.ts';
import { type Database, type FileFormat, openDatabase } from '../sqlite/database.ts';
import { explained } from '../sqlite/errors.ts';
import { openDeviceCrypto } from './device-crypto.ts';
import { lockDevice } from './device-lock.ts';
import { type DeviceRow, deviceRow, putDevice, SCHEMA } from './tables.ts';

export interface SqliteCryptoOptions {
  /** Encrypts what is stored: the first key writes, all read. Default: nothing is encrypted. */
  readonly keys?: readonly EncryptionKey[];
  /** Refuses keys of rooms that were stored without encryption. Needs `keys`. Default false. */
  readonly requireEncryption?: boolean;
  /** How long the start waits for whoever is writing to the file, in ms. Default 30,000. */
  readonly lockTimeoutMs?: number;
  /** Accepts a file that its group can read and write, and a directory that its group can write to. Default false. */
  readonly sharedWithGroup?: boolean;
}

const format: FileFormat = {
  // "MaAK"
  applicationId: 0x4d61414b,
  version: 1,
  schema: SCHEMA,
  holds: 'keys of encrypted rooms',
};

/**
 * Keeps the keys of encrypted rooms in an SQLite file, for `matrixJsSdk({ crypto })`. The file is made if there is none,
 * for its owner alone; the keys of each device are apart in it, and are never deleted.
 *
 * Needs `node:sqlite`: Node.js 22.18 or later, best 24.15 or later. The file has to be on a local disk.
 * @throws {SessionStoreError} an option is wrong, or a key cannot be had
 */
export function sqliteCrypto(path: string | URL, options: SqliteCryptoOptions = {}): CryptoStore {
  const { keys, requireEncryption = false, sharedWithGroup = false } = options;
  const lockTimeoutMs = checkMs('lockTimeoutMs', options.lockTimeoutMs ?? 30_000);
  const file = fileOf(path);
  if (requireEncryption && keys === undefined)
    throw new SessionStoreError('`requireEncryption` needs `keys`.', { permanent: true });
  const cipher = bodyCipher(keys, { required: requireEncryption });

  /** The device's row, with its key sealed as it is to be. */
  function rowOf({ writer }: Database, device: CryptoDevice): { row: DeviceRow; storageKey: Uint8Array } {
    const context = ['crypto', device.userId, device.deviceId];
    const found = deviceRow(writer, device);
    const where = `the key of the device ${device.deviceId} of ${device.userId} in ${file}`;
    const key = found ? cipher.open(found.storageKey, context, where) : randomBytes(32).toString('base64');
    const [first] = keys ?? [];
    const sealed = first === undefined || found?.storageKey.startsWith(`aes-256-gcm:${first.id}:`) === true;
    if (found === undefined || !sealed) putDevice(writer, device, cipher.seal(key, context));
    return {
      row: deviceRow(writer, device) as DeviceRow,
      storageKey: Buffer.from(key, 'base64'),
    };
  }

  return {
    open: async (device, { onHeld }) => {
      const database = await openDatabase(file, { lockTimeoutMs, sharedWithGroup }, format);
      const close = [() => database.close()];
      try {
        const lock = lockDevice({ ...database, sharedWithGroup }, device);
        close.unshift(() => lock.close());
        const { writer } = database;
        const found = await whenFree(() => {
          writer.exec('BEGIN IMMEDIATE');
          try {
            const row = rowOf(database, device);
            writer.exec('COMMIT');
            return row;
          } finally {
            if (writer.isTransaction) writer.exec('ROLLBACK');
          }
        }, lockTimeoutMs);
        return await openDeviceCrypto({
          ...{ database, device, ...found, onHeld },
          close: () => {
            for (const each of close) each();
          },
        });
      } catch (error) {
        for (const each of close) each();
        throw explained(error, file);
      }
    },
  };
}

function fileOf(path: string | URL): string {
  const given = typeof path === 'string' ? path : fileURLToPath(path);
  if (given !== '' && given !== ':memory:') return resolve(given);
  throw new SessionStoreError(
    'sqliteCrypto needs the path of a file: keys that do not last are lost messages.',
    {
      permanent: true,
    },
  );
}
