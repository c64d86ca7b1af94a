import { SessionStoreError } from '../../../ports/index.ts';

/** SQLite's primary result codes (https://sqlite.org/rescode.html), as far as they have a meaning here. */
const BUSY = 5;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

interface SqliteError extends Error {
  /** The extended result code: the primary one is its lowest byte. */
  readonly errcode: number;
  readonly errstr: string;
}

/** Whether another connection is in the way, so that the same can be tried again. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && primary(error) === BUSY;
}

/** SQLite's error in the words of this package; any other error as it is. */
export function explained(error: unknown, file: string): unknown {
  if (!isSqliteError(error)) return error;
  const { errcode, errstr } = error;
  const { message, permanent } = meaningOf(primary(error), file);
  return new SessionStoreError(`${message} (SQLite: ${errstr}, ${errcode})`, { permanent });
}

export function damaged(file: string): SessionStoreError {
  return new SessionStoreError(
    `${file} is damaged, or is not an SQLite database. It is left as it is: restore it from a backup, or move it away to sign in anew.`,
    { permanent: true },
  );
}

function meaningOf(code: number, file: string): { readonly message: string; readonly permanent: boolean } {
  switch (code) {
    case CORRUPT:
    case NOTADB:
      return damaged(file);
    case READONLY:
    case CANTOPEN:
      return {
        message: `${file} cannot be written. The bot's user needs to be able to write to the file and to its directory, on a disk that is not read-only.`,
        permanent: true,
      };
    case FULL:
      return {
        message: `The disk of ${file} is full. Nothing was changed: make room there.`,
        permanent: false,
      };
    case IOERR:
      return {
        message: `${file} could not be read or written: look at the disk and its free space. Nothing was changed.`,
        permanent: false,
      };
    case BUSY:
      return {
        message: `Another process is using ${file}. Nothing was changed: try again.`,
        permanent: false,
      };
    default:
      return { message: `SQLite failed on ${file}. Nothing was changed.`, permanent: false };
  }
}

function primary({ errcode }: SqliteError): number {
  return errcode & 0xff;
}

function isSqliteError(error: unknown): error is SqliteError {
  return (
    error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && 'errstr' in error
  );
}
