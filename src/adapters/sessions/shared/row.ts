import { type RecordKind, type SessionRecords, SessionStoreError } from '../../../ports/index.ts';
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
  /**
   * Refuses what is stored in clear, so that nobody who can write to the file or table can put a session there. Needs
   * `keys`. Default false: a record in clear is read, and encrypted when it is next written.
   */
  readonly requireEncryption?: boolean;
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
  /** Records other than the session itself lie in a namespace of their kind, where older versions do not look. */
  readonly namespaceOf: (kind: RecordKind | 'claim') => string;
  /** @throws {SessionStoreError} permanent: the row is damaged, of a newer version, or wants another key */
  toRecord<K extends RecordKind>(name: string, kind: K, row: Row): SessionRecords[K];
  /** @throws {SessionStoreError} permanent: the record could not be read back */
  toBody<K extends RecordKind>(name: string, kind: K, version: number, record: SessionRecords[K]): string;
}

const LONGEST = 255;
/** Between a namespace and a kind: the control character "unit separator". */
export const KIND_SEPARATOR = '\u001f';

/**
 * `place` is the file or database, in the words of an error message.
 * @throws {SessionStoreError} permanent: the options are wrong, or a key cannot be had
 */
export function rowCodec(
  { namespace = 'default', keys, requireEncryption = false }: RowOptions,
  place: string,
): RowCodec {
  checkName('namespace', namespace);
  if (namespace.includes(KIND_SEPARATOR)) {
    throw new SessionStoreError('A namespace cannot have the control character U+001F in it.', {
      permanent: true,
    });
  }
  if (requireEncryption && keys === undefined) {
    throw new SessionStoreError('`requireEncryption` needs `keys`.', { permanent: true });
  }
  const cipher = bodyCipher(keys, { required: requireEncryption });
  const where = (name: string, kind: RecordKind) =>
    `the ${kind === 'session' ? '' : `record "${kind}" of the `}session ${JSON.stringify(name)} ` +
    `(namespace ${JSON.stringify(namespace)}) in ${place}`;
  const namespaceOf = (kind: RecordKind | 'claim') =>
    kind === 'session' ? namespace : namespace + KIND_SEPARATOR + kind;
  return {
    namespace,
    namespaceOf,
    toRecord: (name, kind, { version, body }) =>
      recordFromText(
        kind,
        cipher.open(body, [namespaceOf(kind), name, version], where(name, kind)),
        where(name, kind),
      ),
    toBody: (name, kind, version, record) =>
      cipher.seal(recordToText(kind, record, where(name, kind)), [namespaceOf(kind), name, version]),
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
