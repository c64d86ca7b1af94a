import {
  type CryptoDevice,
  type CryptoOpenOptions,
  type DeviceCrypto,
  SessionStoreError,
} from '../../../ports/index.ts';
import type { Database } from '../sqlite/database.ts';
import { explained } from '../sqlite/errors.ts';
import type { Batch, StoredDatabase } from './changes.ts';
import { DurableIndexedDb } from './durable-indexeddb.ts';
import { asIndexedDb } from './global-indexeddb.ts';
import { databasesOf, type DeviceRow, putUploadedKeys, RecordWriter } from './tables.ts';

export interface DeviceCryptoOptions extends CryptoOpenOptions {
  readonly database: Database;
  readonly device: CryptoDevice;
  readonly row: DeviceRow;
  readonly storageKey: Uint8Array;
  readonly close: () => void;
}

/** What cannot be written is tried again after this time. */
const RETRY_MS = 1_000;

/** The part of the name by which databases of several devices of one process are told apart. It is not stored. */
let opened = 0;

/** Opens the keys of a device that is locked already. */
export async function openDeviceCrypto(options: DeviceCryptoOptions): Promise<DeviceCrypto> {
  const { database, row, storageKey } = options;
  const { writer, reader, file } = database;
  opened += 1;
  const prefix = `matrix-auth-machine ${opened}`;
  const named = (stored: StoredDatabase) => ({ ...stored, name: prefix + stored.name });
  const records = new RecordWriter(writer, row.id);

  /** @throws {SessionStoreError} nothing is written */
  function writing(step: () => void): void {
    try {
      writer.exec('BEGIN IMMEDIATE');
      step();
      if (!database.inPlace()) {
        throw new SessionStoreError(
          `${file} was replaced or removed while it was in use. What is there now is left as it is: restart the bot.`,
          { permanent: true },
        );
      }
      writer.exec('COMMIT');
    } catch (error) {
      throw explained(error, file);
    } finally {
      if (writer.isTransaction) writer.exec('ROLLBACK');
    }
  }

  const stored = [...databasesOf(reader, row.id)].map(named);
  const durable = await DurableIndexedDb.load({
    stored,
    write: (batches: readonly Batch[]) =>
      writing(() => {
        for (const { database: name, changes } of batches)
          records.write({ database: name.slice(prefix.length), changes });
      }),
    onHeld: (error) => options.onHeld(error instanceof Error ? error.message : undefined),
    retryMs: RETRY_MS,
  });
  const { leave } = asIndexedDb(prefix, durable);
  let uploadedKeys = row.uploadedKeys;
  let closing: Promise<void> | undefined;
  return {
    databasePrefix: prefix,
    storageKey,
    get hasKeys() {
      return !durable.empty;
    },
    get uploadedKeys() {
      return uploadedKeys;
    },
    saveUploadedKeys: (body) => {
      if (body === uploadedKeys) return;
      writing(() => putUploadedKeys(writer, row.id, body));
      uploadedKeys = body;
    },
    opening: leave.during,
    cutOff: () => durable.cutOff(),
    close: () => {
      closing ??= durable.close().finally(() => {
        leave.forGood();
        options.close();
      });
      return closing;
    },
  };
}
