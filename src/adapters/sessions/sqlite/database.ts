import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { SessionStoreError } from '../../../ports/index.ts';
import { whenFree } from './busy.ts';
import { damaged, explained } from './errors.ts';
import { identityOf, privateFile } from './file.ts';

/** What a file holds. */
export interface FileFormat {
  /** Marks the file as one of this package. */
  readonly applicationId: number;
  readonly version: number;
  readonly schema: string;
  /** What is in it, as a plural: for people. */
  readonly holds: string;
}

const sessionsFormat: FileFormat = {
  // "MaAM"
  applicationId: 0x4d61414d,
  version: 1,
  holds: 'access tokens',
  schema: `
  CREATE TABLE sessions (
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (namespace, name)
  ) STRICT, WITHOUT ROWID;`,
};

/** The open file. */
export interface Database {
  /** Its real path. */
  readonly file: string;
  /** Opens another file. */
  readonly connect: (file: URL) => DatabaseSync;
  /** Holds the lock of the file while a record is written. */
  readonly writer: DatabaseSync;
  /** Reads what is committed, whatever the writer is at. */
  readonly reader: DatabaseSync;
  /** Whether the path still leads to this file. */
  readonly inPlace: () => boolean;
  readonly close: () => void;
}

export interface OpenOptions {
  readonly lockTimeoutMs: number;
  readonly sharedWithGroup: boolean;
}

/** @throws {SessionStoreError} */
export async function openDatabase(
  path: string,
  options: OpenOptions,
  format: FileFormat = sessionsFormat,
): Promise<Database> {
  const { DatabaseSync } = await loadSqlite();
  const file = privateFile(path, options.sharedWithGroup, format.holds);
  const opened: DatabaseSync[] = [];
  const open = () => {
    const database = new DatabaseSync(file);
    opened.push(database);
    return database;
  };
  const close = () => {
    for (const database of opened.splice(0)) database.close();
  };
  try {
    const writer = open();
    const reader = open();
    const identity = identityOf(file);
    await whenFree(() => prepare(writer, file, format), options.lockTimeoutMs);
    return {
      file,
      connect: (url) => new DatabaseSync(url),
      writer,
      reader,
      inPlace: () => identityOf(file) === identity,
      close,
    };
  } catch (error) {
    close();
    throw explained(error, file);
  }
}

async function loadSqlite(): Promise<typeof import('node:sqlite')> {
  try {
    return await import('node:sqlite');
  } catch {
    throw new SessionStoreError(
      `This Node.js (${process.version}) has no node:sqlite. Use Node.js 22.18 or later, best 24.15 or later, and not the option --no-experimental-sqlite.`,
      { permanent: true },
    );
  }
}

function prepare(database: DatabaseSync, file: string, format: FileFormat): void {
  const isNew = !hasSchema(database, file, format);
  if (!isWhole(database, file)) throw damaged(file);
  if (pragma(database, 'journal_mode = WAL') !== 'wal') {
    throw new SessionStoreError(
      `${file} cannot be shared between processes where it is (SQLite refuses WAL there). Put it on a local disk.`,
      { permanent: true },
    );
  }
  // Durable when COMMIT returns, on macOS too; and what is deleted is overwritten.
  database.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA secure_delete = ON');
  if (!isNew) return;
  // If it fails, the connection is closed, and that undoes it.
  database.exec('BEGIN IMMEDIATE');
  if (!hasSchema(database, file, format)) {
    const { schema, applicationId, version } = format;
    database.exec(`${schema}
      PRAGMA application_id = ${applicationId};
      PRAGMA user_version = ${version};`);
  }
  database.exec('COMMIT');
}

/** False for an empty database. Throws for one that is not ours to change. */
function hasSchema(database: DatabaseSync, file: string, format: FileFormat): boolean {
  const id = pragma(database, 'application_id');
  const version = Number(pragma(database, 'user_version'));
  const tables = valueOf(database, 'SELECT count(*) FROM sqlite_schema');
  if (id === format.applicationId && version > format.version) {
    throw new SessionStoreError(
      `A newer version of matrix-auth-machine made ${file} (schema ${version}, and this version knows ${format.version}). Update matrix-auth-machine here. The file is left as it is.`,
      { permanent: true },
    );
  }
  if (id === format.applicationId) return true;
  if (id === 0 && tables === 0) return false;
  throw new SessionStoreError(
    `${file} is the database of another program. It is left as it is: give the ${format.holds} a file of their own.`,
    { permanent: true },
  );
}

/** A file that was cut short can look to SQLite as if there were no session in it, and would be written to. */
function isWhole(database: DatabaseSync, file: string): boolean {
  // With a log, the file itself may be behind.
  const hasLog = sizeOf(`${file}-wal`) > 0;
  if (!hasLog && sizeOf(file) % Number(pragma(database, 'page_size')) !== 0) return false;
  return pragma(database, 'quick_check(1)') === 'ok';
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function pragma(database: DatabaseSync, text: string): unknown {
  return valueOf(database, `PRAGMA ${text}`);
}

/** The value that the query gives. */
export function valueOf(database: DatabaseSync, query: string): unknown {
  return Object.values(database.prepare(query).get() ?? {})[0];
}
