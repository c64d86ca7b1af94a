import { chmodSync, closeSync, openSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SessionStoreError } from '../../../ports/index.ts';

/**
 * Makes sure that nobody else can read or replace the file: creates it for its owner alone, or checks that it is so.
 * Returns its real path. An existing file is not opened: a close would release the locks that SQLite holds on it for
 * this process.
 * @throws {SessionStoreError} permanent: the message says which permission to change
 */
export function privateFile(path: string, sharedWithGroup: boolean, holds: string): string {
  const file = realPath(path);
  checkDirectory(dirname(file), sharedWithGroup);
  create(file);
  for (const each of [file, `${file}-wal`, `${file}-shm`]) checkFile(each, sharedWithGroup, holds);
  return file;
}

/** Tells the file at this path from one that took its place; `undefined` if there is none. */
export function identityOf(file: string): string | undefined {
  const stats = statOf(file);
  return stats && `${stats.dev}:${stats.ino}`;
}

/** Changes when the file at this path is another one, or was touched; `undefined` if there is none. */
export function markOf(file: string): string | undefined {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}:${stats.mtimeNs}`;
}

/**
 * Makes sure that there is an empty file to be locked, with the permissions of the data file.
 * @throws {SessionStoreError} permanent
 */
export function lockFile(path: string, dataFile: string, sharedWithGroup: boolean): void {
  if (statOf(path) === undefined) {
    create(path);
    const mode = statOf(dataFile)?.mode;
    if (mode !== undefined && (mode & 0o777) !== 0o600) chmodSync(path, mode & 0o777);
  }
  checkFile(path, sharedWithGroup, 'the lock');
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // There is no such file yet, so far as can be seen.
  }
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch (error) {
    const directory = dirname(path);
    throw refused(
      `The directory ${directory} for ${basename(path)} cannot be reached (${codeOf(error)}). Make it: mkdir -p -m 700 ${directory}`,
    );
  }
}

function create(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    // A link that leads nowhere is refused: SQLite would make the file there, for everybody to read.
    if (statOf(file) !== undefined) return;
    throw refused(
      `${file} cannot be created (${codeOf(error)}). The bot's user needs to be able to write to ${dirname(file)}.`,
    );
  }
}

function checkDirectory(directory: string, sharedWithGroup: boolean): void {
  const stats = statOf(directory);
  // Windows has no such modes; in a directory with the sticky bit, only a file's owner can replace it.
  if (stats === undefined || process.platform === 'win32' || (stats.mode & 0o1000) !== 0) return;
  if ((stats.mode & 0o002) !== 0) {
    throw refused(
      `Every user can write to ${directory} (mode ${modeOf(stats)}), and so replace the file in it. Run: chmod o-w ${directory}`,
    );
  }
  if ((stats.mode & 0o020) !== 0 && !sharedWithGroup && !isOwnGroup(stats.gid)) {
    throw refused(
      `A group can write to ${directory} (mode ${modeOf(stats)}), and so replace the file in it. ` +
        `Run: chmod g-w ${directory}, or set \`sharedWithGroup\` if the whole group may have the sessions.`,
    );
  }
}

function checkFile(file: string, sharedWithGroup: boolean, holds: string): void {
  const stats = statOf(file);
  if (stats === undefined) return;
  if (!stats.isFile()) throw refused(`${file} is not a file. Give the path of a file.`);
  const forbidden = sharedWithGroup ? 0o007 : 0o077;
  if (process.platform === 'win32' || (stats.mode & forbidden) === 0) return;
  throw refused(
    `Other users have access to ${file} (mode ${modeOf(stats)}), and it holds ${holds}. Run: chmod 600 ${file}` +
      (sharedWithGroup ? '' : '. If the whole group may have them, set `sharedWithGroup`.'),
  );
}

/** Whether it is the group that many systems make for each user, with nobody else in it. */
function isOwnGroup(gid: number): boolean {
  return gid === process.getegid?.() && gid === process.geteuid?.();
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function refused(message: string): SessionStoreError {
  return new SessionStoreError(message, { permanent: true });
}
