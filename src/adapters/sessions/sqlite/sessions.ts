import { statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { type SessionStore, SessionStoreError } from '../../../ports/index.ts';
import { checkMs, checkName, type Row, rowCodec, type RowOptions } from '../row.ts';
import { Turns } from '../turns.ts';
import { whenFree } from './busy.ts';
import { type Database, openDatabase } from './database.ts';
import { explained, isBusy } from './errors.ts';
import { watchChanges } from './watch.ts';

export interface SqliteSessionsOptions extends RowOptions {
  /** How long a transaction waits for the one that holds the file, in ms. Default 30,000. */
  readonly lockTimeoutMs?: number;
  /** How often a watched file is looked at, in ms. Default 1,000. */
  readonly watchMs?: number;
  /**
   * Accepts a file that its group can read and write, and a directory that its group can write to, as Kubernetes makes
   * them with `fsGroup`. Default false: both are refused.
   */
  readonly sharedWithGroup?: boolean;
}

/** Room that a write may need, in bytes. */
const NEEDED = 64 * 1024;

/** Several stores of one process on one file take turns, instead of polling for each other's locks. */
const turns = new Turns();

/**
 * Keeps sessions in an SQLite file: for one bot, in one process or in several on one machine. The file is made if
 * there is none, for its owner alone. A transaction locks the whole file, so give each bot a file of its own.
 *
 * Needs `node:sqlite`: Node.js 22.18 or later, best 24.15 or later. The file has to be on a local disk.
 * @throws {SessionStoreError} an option is wrong, or a key cannot be had
 */
export function sqliteSessions(path: string | URL, options: SqliteSessionsOptions = {}): SessionStore {
  const given = typeof path === 'string' ? path : fileURLToPath(path);
  if (given === '' || given === ':memory:') {
    throw new SessionStoreError(
      'sqliteSessions needs the path of a file. To store nothing, use memorySessions().',
      {
        permanent: true,
      },
    );
  }
  const file = resolve(given);
  const codec = rowCodec(options, file);
  const lockTimeoutMs = checkMs('lockTimeoutMs', options.lockTimeoutMs ?? 30_000);
  const watchMs = checkMs('watchMs', options.watchMs ?? 1_000);
  const { namespace } = codec;

  let database: Promise<Database> | undefined;
  let closed = false;
  const running = new Set<Promise<unknown>>();
  const watches = new Set<() => void>();

  function open(): Promise<Database> {
    const opening = openDatabase(file, { lockTimeoutMs, sharedWithGroup: options.sharedWithGroup ?? false });
    database = opening;
    opening.catch(() => {
      if (database === opening) database = undefined;
    });
    return opening;
  }

  /** Runs `work` on the open file, explains what SQLite throws, and makes `close` wait for it. */
  async function use<T>(name: string | undefined, work: (database: Database) => Promise<T>): Promise<T> {
    if (name !== undefined) checkName('session name', name);
    if (closed) throw new SessionStoreError(`The store of ${file} is closed.`, { permanent: true });
    const run = (async () => work(await (database ?? open())))();
    running.add(run);
    try {
      return await run;
    } catch (error) {
      throw explained(error, file);
    } finally {
      running.delete(run);
    }
  }

  /** Runs `work` while holding the lock of the file. It commits by itself; otherwise nothing stays. */
  async function locked<T>({ file: key }: Database, work: (database: Database) => Promise<T>): Promise<T> {
    const end = await turns.take(key, lockTimeoutMs);
    if (end === undefined) throw heldTooLong(file, lockTimeoutMs);
    try {
      let current = await (database ?? open());
      // A backup that is put back replaces the file: what is written to the old one would be lost.
      if (!current.inPlace()) {
        current.close();
        current = await open();
      }
      const { writer } = current;
      try {
        await whenFree(() => writer.exec('BEGIN IMMEDIATE'), lockTimeoutMs);
      } catch (error) {
        throw isBusy(error) ? heldTooLong(file, lockTimeoutMs) : error;
      }
      try {
        return await work(current);
      } finally {
        if (writer.isTransaction) writer.exec('ROLLBACK');
      }
    } finally {
      end();
    }
  }

  const rowOf = (connection: DatabaseSync, name: string): Row | undefined =>
    connection
      .prepare('SELECT version, body FROM sessions WHERE namespace = ? AND name = ?')
      .get(namespace, name) as Row | undefined;

  return {
    read: (name) =>
      use(name, async ({ reader }) => {
        const row = await whenFree(() => rowOf(reader, name), lockTimeoutMs);
        return row && codec.toRecord(name, row);
      }),

    transact: (name, work) =>
      use(name, (database) =>
        locked(database, async (current) => {
          const row = rowOf(current.writer, name);
          const before = row && codec.toRecord(name, row);
          checkRoom(current.file);
          const { record, result } = await work(before);
          if (record !== undefined) {
            const version = (row?.version ?? 0) + 1;
            const body = codec.toBody(name, version, record);
            current.writer
              .prepare(
                `INSERT INTO sessions (namespace, name, version, body, updated_at) VALUES (?, ?, ?, ?, ?)
                 ON CONFLICT (namespace, name) DO UPDATE
                 SET version = excluded.version, body = excluded.body, updated_at = excluded.updated_at`,
              )
              .run(namespace, name, version, body, Date.now());
            commit(current);
          }
          return result;
        }),
      ),

    list: () =>
      use(undefined, async ({ reader }) => {
        const names = reader.prepare('SELECT name FROM sessions WHERE namespace = ? ORDER BY name');
        const rows = await whenFree(() => names.all(namespace), lockTimeoutMs);
        return rows.map((row) => String(row['name']));
      }),

    delete: (name) =>
      use(name, (database) =>
        locked(database, async (current) => {
          const { writer } = current;
          writer.prepare('DELETE FROM sessions WHERE namespace = ? AND name = ?').run(namespace, name);
          commit(current);
          // The log still holds what was deleted; if a reader is in the way, the next checkpoint removes it.
          writer.exec('PRAGMA wal_checkpoint(TRUNCATE)');
        }),
      ),

    watch: (name, listener) => {
      checkName('session name', name);
      const stop = watchChanges(() => use(undefined, async (current) => current), listener, watchMs);
      watches.add(stop);
      return () => {
        stop();
        watches.delete(stop);
      };
    },

    close: async () => {
      closed = true;
      for (const stop of watches) stop();
      await Promise.allSettled(running);
      const opened = await database?.catch(() => undefined);
      database = undefined;
      opened?.close();
    },
  };
}

function commit(database: Database): void {
  if (!database.inPlace()) {
    throw new SessionStoreError(
      `${database.file} was replaced or removed while a session was being changed. The new file is left as it is: try again.`,
      { permanent: false },
    );
  }
  database.writer.exec('COMMIT');
}

/** A token that cannot be stored had better not be asked for. */
function checkRoom(file: string): void {
  const { blocks, bavail, bsize } = statfsSync(dirname(file));
  // Some file systems do not know their size.
  if (blocks > 0 && bavail * bsize < NEEDED) {
    throw new SessionStoreError(`The disk of ${file} is full. Nothing was changed: make room there.`, {
      permanent: false,
    });
  }
}

function heldTooLong(file: string, ms: number): SessionStoreError {
  return new SessionStoreError(
    `Another process has held ${file} for more than ${ms} ms. Nothing was changed. If none is at work on it, one may be suspended or hang: end that one.`,
    { permanent: false },
  );
}
