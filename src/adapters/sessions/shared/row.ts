import { type SessionRecord, SessionStoreError } from '../../../ports/index.ts';
import { bodyCipher, type EncryptionKey } from './encryption.ts';
import { recordFromText, recordToText } from './record.ts';

/** What the stores on disk and in a database have in common. */
export interface RowOptions {
  /**
   * Tells apart what shares one file or database: a session is known by its namespace and its name. Give a copy of a
   * database, such as a staging system, another namespace, and it cannot renew the sessions of the original.
   * Default `default`.
   */
  readonly namespace?: string;
  /** Encrypts what is stored: the first key writes, all read. Default: nothing is encrypted. */
  readonly keys?: readonly EncryptionKey[];
}

/** A record as it lies in a table. */
export interface Row {
  /** Counts the writes of the row. */
  readonly version: number;
  readonly body: string;
}

/** Between records and rows. */
export interface RowCodec {
  readonly namespace: string;
  /** @throws {SessionStoreError} permanent: the row is damaged, of a newer version, or wants another key */
  toRecord(name: string, row: Row): SessionRecord;
  /** @throws {SessionStoreError} permanent: the record could not be read back */
  toBody(name: string, version: number, record: SessionRecord): string;
}

const LONGEST = 255;

/** `place` is the file or database, in the words of an error message. */
export function rowCodec({ namespace = 'default', keys }: RowOptions, place: string): RowCodec {
  checkName('namespace', namespace);
  const cipher = bodyCipher(keys);
  const where = (name: string) =>
    `the session ${JSON.stringify(name)} (namespace ${JSON.stringify(namespace)}) in ${place}`;
  return {
    namespace,
    toRecord: (name, { version, body }) =>
      recordFromText(cipher.open(body, [namespace, name, version], where(name)), where(name)),
    toBody: (name, version, record) =>
      cipher.seal(recordToText(record, where(name)), [namespace, name, version]),
  };
}

/** @throws {SessionStoreError} permanent: no store could keep this name as it is */
export function checkName(what: string, name: string): void {
  if (name === '' || name.length > LONGEST || name.includes('\0') || !name.isWellFormed()) {
    throw new SessionStoreError(
      `The ${what} ${JSON.stringify(name.slice(0, LONGEST))} cannot be stored: it needs 1 to ${LONGEST} characters ` +
        'of valid Unicode, without NUL.',
      { permanent: true },
    );
  }
}

/** @throws {SessionStoreError} permanent: not a whole number of milliseconds that a timer can wait for */
export function checkMs(option: string, value: number): number {
  if (Number.isInteger(value) && value >= 1 && value < 2 ** 31) return value;
  throw new SessionStoreError(
    `\`${option}\` is a whole number of milliseconds from 1 to 2147483647, and not ${value}.`,
    { permanent: true },
  );
}
