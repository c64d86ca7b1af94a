import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SessionStore, SessionStoreError } from '../../../ports/index.ts';
import { checkMs, checkName, KIND_SEPARATOR, rowCodec, type RowOptions } from '../shared/row.ts';
import { whenFree } from './busy.ts';
import type { Database } from './database.ts';
import { explained, isBusy } from './errors.ts';
import { claimByFile } from './claim.ts';
import { DatabaseHandle } from './connection.ts';
import { checkRoom, deleteRows, namesIn, putRow, rowOf } from './table.ts';
import { watchChanges } from './watch.ts';

export interface SqliteSessionsOptions extends RowOptions {
  /** How long a write waits for whoever is writing to the file, in ms. Default 30,000. */
  readonly lockTimeoutMs?: number;
  /**
   * How long a process that exchanges the refresh token may give no sign of life, in ms: then another takes its place. One
   * that dies is replaced at once. Default 15,000.
   */
  readonly claimLeaseMs?: number;
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
 * there is none, for its owner alone.
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
  const leaseMs = checkMs('claimLeaseMs', options.claimLeaseMs ?? 15_000);
  const { sharedWithGroup = false } = options;
  const handle = new DatabaseHandle(file, { lockTimeoutMs, sharedWithGroup });
  const watches = new Set<() => void>();

  /** SQLite's part of the work: its errors are explained, and those of the caller are not touched. */
  function sql<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      throw isBusy(error) ? error : explained(error, file);
    }
  }

  /** Runs `step` while no other connection writes to the file. What it does not commit is undone. */
  const writing = <T>(step: (database: Database) => T): Promise<T> =>
    handle.use(async () => {
      try {
        return await whenFree(async () => {
          const database = await handle.inPlace();
          const { writer } = database;
          sql(() => writer.exec('BEGIN IMMEDIATE'));
          try {
            return step(database);
          } finally {
            if (writer.isTransaction) writer.exec('ROLLBACK');
          }
        }, lockTimeoutMs);
      } catch (error) {
        throw isBusy(error) ? heldTooLong(file, lockTimeoutMs) : error;
      }
    });

  const reading = <T>(step: (database: Database) => T): Promise<T> =>
    handle.use(async (database) => {
      try {
        return await whenFree(() => step(database), lockTimeoutMs);
      } catch (error) {
        throw explained(error, file);
      }
    });

  return {
    read: async (name, kind) => {
      checkName('session name', name);
      const row = await reading(({ reader }) => rowOf(reader, codec.namespaceOf(kind), name));
      return row && codec.toRecord(name, kind, row);
    },

    update: async (name, kind, change) => {
      checkName('session name', name);
      const space = codec.namespaceOf(kind);
      return writing((database) => {
        const row = sql(() => rowOf(database.writer, space, name));
        const { record, result } = change(row && codec.toRecord(name, kind, row));
        if (record === undefined) return result;
        const version = (row?.version ?? 0) + 1;
        const body = codec.toBody(name, kind, version, record);
        sql(() => {
          putRow(database.writer, space, name, { version, body });
          commit(database);
        });
        return result;
      });
    },

    claim: async (name, claimOptions) => {
      checkName('session name', name);
      return handle.use(async () => {
        const database = await handle.inPlace();
        const claim = await claimByFile({
          ...claimOptions,
          database,
          of: [namespace, name],
          leaseMs,
          sharedWithGroup,
          alone: (step) => writing(step),
        });
        try {
          // A token that cannot be stored had better not be asked for.
          await writing(() => checkRoom(database.file));
        } catch (error) {
          await claim.release();
          throw error;
        }
        return claim;
      });
    },

    list: () => reading(({ reader }) => namesIn(reader, namespace)),

    delete: async (name) => {
      checkName('session name', name);
      return writing((database) =>
        sql(() => {
          deleteRows(database.writer, namespace, namespace + KIND_SEPARATOR, name);
          commit(database);
          // The log still holds what was deleted. If a reader is in the way, a later checkpoint overwrites it.
          database.writer.exec('PRAGMA wal_checkpoint(TRUNCATE)');
        }),
      );
    },

    watch: (name, listener) => {
      checkName('session name', name);
      const end = watchChanges(
        () => handle.use(async (database) => database),
        (reader) => rowOf(reader, namespace, name)?.version,
        listener,
        watchMs,
      );
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

/** @throws {SessionStoreError} nothing is written */
function commit({ file, writer, inPlace }: Database): void {
  if (!inPlace()) {
    throw new SessionStoreError(
      `${file} was replaced or removed while a session was being changed. What is there now is left as it is: try again.`,
      { permanent: false },
    );
  }
  writer.exec('COMMIT');
}

function heldTooLong(file: string, ms: number): SessionStoreError {
  return new SessionStoreError(
    `Another process has held ${file} for more than ${ms} ms. Nothing was changed: try again. If it stays so, a process that uses the file hangs, is suspended, or is of an older version: end it.`,
    { permanent: false },
  );
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
