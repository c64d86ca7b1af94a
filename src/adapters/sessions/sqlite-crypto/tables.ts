import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CryptoDevice } from '../../../ports/index.ts';
import type { Batch, Change, Schema, StoredDatabase, StoredRecord } from './changes.ts';
import { keyOfText, textOfKey } from './keys.ts';

export const SCHEMA = `
  CREATE TABLE devices (
    id INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    storage_key TEXT NOT NULL,
    uploaded_keys TEXT,
    UNIQUE (user_id, device_id)
  ) STRICT;
  CREATE TABLE databases (
    device INTEGER NOT NULL REFERENCES devices,
    name TEXT NOT NULL,
    schema TEXT NOT NULL,
    PRIMARY KEY (device, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE records (
    device INTEGER NOT NULL REFERENCES devices,
    database TEXT NOT NULL,
    store TEXT NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (device, database, store, key)
  ) STRICT, WITHOUT ROWID;`;

export interface DeviceRow {
  readonly id: number;
  /** The key of its databases, sealed if the store is encrypted. */
  readonly storageKey: string;
  readonly uploadedKeys: string | undefined;
}

export function deviceRow(
  connection: DatabaseSync,
  { userId, deviceId }: CryptoDevice,
): DeviceRow | undefined {
  const row = connection
    .prepare('SELECT id, storage_key, uploaded_keys FROM devices WHERE user_id = ? AND device_id = ?')
    .get(userId, deviceId);
  if (row === undefined) return undefined;
  const uploaded = row['uploaded_keys'];
  return {
    id: Number(row['id']),
    storageKey: String(row['storage_key']),
    uploadedKeys: uploaded === null ? undefined : String(uploaded),
  };
}

export function putDevice(connection: DatabaseSync, device: CryptoDevice, storageKey: string): void {
  connection
    .prepare(
      `INSERT INTO devices (user_id, device_id, storage_key) VALUES (?, ?, ?)
       ON CONFLICT (user_id, device_id) DO UPDATE SET storage_key = excluded.storage_key`,
    )
    .run(device.userId, device.deviceId, storageKey);
}

export function putUploadedKeys(connection: DatabaseSync, id: number, body: string): void {
  connection.prepare('UPDATE devices SET uploaded_keys = ? WHERE id = ?').run(body, id);
}

/** The databases of a device. Each is read when it is come to. */
export function* databasesOf(connection: DatabaseSync, device: number): Generator<StoredDatabase> {
  const found = connection.prepare('SELECT name, schema FROM databases WHERE device = ?').all(device);
  for (const row of found) {
    const name = String(row['name']);
    yield {
      name,
      schema: JSON.parse(String(row['schema'])) as Schema,
      records: recordsOf(connection, device, name),
    };
  }
}

function* recordsOf(connection: DatabaseSync, device: number, database: string): Generator<StoredRecord> {
  const rows = connection
    .prepare('SELECT store, key, value FROM records WHERE device = ? AND database = ?')
    .iterate(device, database);
  for (const row of rows) {
    yield {
      store: String(row['store']),
      key: keyOfText(String(row['key'])),
      value: row['value'] as Uint8Array,
    };
  }
}

/** Writes changes of one device, within a transaction that the caller has begun. */
export class RecordWriter {
  readonly #device: number;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #clear: StatementSync;
  readonly #keys: StatementSync;
  readonly #schema: StatementSync;

  constructor(connection: DatabaseSync, device: number) {
    this.#device = device;
    this.#put = connection.prepare(
      `INSERT INTO records (device, database, store, key, value) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (device, database, store, key) DO UPDATE SET value = excluded.value`,
    );
    const of = 'WHERE device = ? AND database = ? AND store = ?';
    this.#delete = connection.prepare(`DELETE FROM records ${of} AND key = ?`);
    this.#clear = connection.prepare(`DELETE FROM records ${of}`);
    this.#keys = connection.prepare(`SELECT key FROM records ${of}`);
    this.#schema = connection.prepare(
      `INSERT INTO databases (device, name, schema) VALUES (?, ?, ?)
       ON CONFLICT (device, name) DO UPDATE SET schema = excluded.schema`,
    );
  }

  write({ database, changes }: Batch): void {
    for (const change of changes) this.#write(database, change);
  }

  #write(database: string, change: Change): void {
    if (change.do === 'schema') {
      this.#schema.run(this.#device, database, JSON.stringify(change.schema));
      return;
    }
    const of = [this.#device, database, change.store] as const;
    if (change.do === 'put') this.#put.run(...of, textOfKey(change.key), change.value);
    else if (change.do === 'clear') this.#clear.run(...of);
    else if (!isRange(change.keys)) this.#delete.run(...of, textOfKey(change.keys));
    else {
      // The order of keys is IndexedDB's own, so the range itself is asked.
      for (const row of this.#keys.all(...of)) {
        const text = String(row['key']);
        if (change.keys.includes(keyOfText(text))) this.#delete.run(...of, text);
      }
    }
  }
}

function isRange(keys: IDBValidKey | IDBKeyRange): keys is IDBKeyRange {
  return typeof keys === 'object' && 'lowerOpen' in keys;
}
