import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type { DatabaseSync } from 'node:sqlite';
import { type CryptoDevice, CryptoInUseError } from '../../../ports/index.ts';
import { isBusy } from '../sqlite/errors.ts';
import { identityOf, lockFile } from '../sqlite/file.ts';

/** How often a lock file may be replaced just when it is locked. */
const TRIES = 5;

/**
 * Locks the keys of a device, by a file of its own beside the data file: the operating system frees it when its holder
 * dies. Nobody is replaced who only seems to hang: an Olm machine that wakes up is not to meet another one.
 * @throws {CryptoInUseError}
 */
export function lockDevice(
  { connect, file, sharedWithGroup }: LockOptions,
  { userId, deviceId }: CryptoDevice,
): DatabaseSync {
  const name = createHash('sha256')
    .update(JSON.stringify([userId, deviceId]))
    .digest('hex');
  const path = `${file}-device-${name.slice(0, 16)}`;
  for (let tries = 0; tries < TRIES; tries += 1) {
    lockFile(path, file, sharedWithGroup);
    const identity = identityOf(path);
    const url = pathToFileURL(path);
    // SQLite is not to make the file: it would be open to everybody.
    url.searchParams.set('mode', 'rw');
    const connection = connect(url);
    try {
      connection.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      if (identity !== undefined && identityOf(path) === identity) return connection;
      connection.close();
    } catch (error) {
      connection.close();
      if (!isBusy(error)) throw error;
      break;
    }
  }
  throw new CryptoInUseError(
    `another process, or another client of this one, has the keys of the device ${deviceId} of ${userId} open in ${file}`,
  );
}

interface LockOptions {
  readonly connect: (file: URL) => DatabaseSync;
  readonly file: string;
  readonly sharedWithGroup: boolean;
}
