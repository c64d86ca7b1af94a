import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SessionStore, SessionStoreError } from '../../../ports/index.ts';
import { checkMs, checkName, rowCodec, type RowOptions } from '../shared/row.ts';
import { whenFree } from './busy.ts';
import type { Database } from './database.ts';
import { explained } from './errors.ts';
import { DatabaseHandle } from './handle.ts';
import { commit, exclusively } from './lock.ts';
import { checkRoom, deleteRow, namesIn, putRow, rowOf } from './table.ts';
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

/**
 * Keeps sessions in an SQLite file: for one bot, in one process or in several on one machine. The file is made if
 * there is none, for its owner alone. A transaction locks the whole file, so give each bot a file of its own.
 *
 * Needs `node:sqlite`: Node.js 22.18 or later, best 24.15 or later. The file has to be on a local disk.
 * @throws {SessionStoreError} an option is wrong, or a key cannot be had
 */
export function sqliteSessions(path: string | URL, options: SqliteSessionsOptions = {}): SessionStore {
  const file = fileOf(path);
  const codec = rowCodec(options, file);
  const { namespace } = codec;
  const lockTimeoutMs = checkMs('lockTimeoutMs', options.lockTimeoutMs ?? 30_000);
  const watchMs = checkMs('watchMs', options.watchMs ?? 1_000);
  const handle = new DatabaseHandle(file, {
    lockTimeoutMs,
    sharedWithGroup: options.sharedWithGroup ?? false,
  });
  const watches = new Set<() => void>();

  /** SQLite's part of the work: its errors are explained, and those of `transact`'s `work` are not touched. */
  function sql<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      throw explained(error, file);
    }
  }

  const reading = <T>(step: (database: Database) => T): Promise<T> =>
    handle.use(async (database) => {
      try {
        return await whenFree(() => step(database), lockTimeoutMs);
      } catch (error) {
        throw explained(error, file);
      }
    });

  return {
    read: async (name) => {
      checkName('session name', name);
      const row = await reading(({ reader }) => rowOf(reader, namespace, name));
      return row && codec.toRecord(name, row);
    },

    transact: async (name, work) => {
      checkName('session name', name);
      return exclusively(handle, lockTimeoutMs, async (database) => {
        const row = sql(() => rowOf(database.writer, namespace, name));
        const before = row && codec.toRecord(name, row);
        checkRoom(database.file);
        const { record, result } = await work(before);
        if (record === undefined) return result;
        const version = (row?.version ?? 0) + 1;
        const body = codec.toBody(name, version, record);
        sql(() => {
          putRow(database.writer, namespace, name, { version, body });
          commit(database);
        });
        return result;
      });
    },

    list: () => reading(({ reader }) => namesIn(reader, namespace)),

    delete: async (name) => {
      checkName('session name', name);
      return exclusively(handle, lockTimeoutMs, async (database) =>
        sql(() => {
          deleteRow(database.writer, namespace, name);
          commit(database);
          // The log still holds what was deleted. If a reader is in the way, a later checkpoint overwrites it.
          database.writer.exec('PRAGMA wal_checkpoint(TRUNCATE)');
        }),
      );
    },

    watch: (name, listener) => {
      checkName('session name', name);
      const end = watchChanges(() => handle.use(async (database) => database), listener, watchMs);
      const stop = () => {
        end();
        watches.delete(stop);
      };
      watches.add(stop);
      return stop;
    },

    close: async () => {
      for (const stop of watches) stop();
      await handle.close();
    },
  };
}

function fileOf(path: string | URL): string {
  const given = typeof path === 'string' ? path : fileURLToPath(path);
  if (given !== '' && given !== ':memory:') return resolve(given);
  throw new SessionStoreError(
    'sqliteSessions needs the path of a file. To store nothing, use memorySessions().',
    {
      permanent: true,
    },
  );
}
