import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { type SessionStore, SessionStoreError } from '../../ports/index.ts';
import { UnreachableError, UsageError } from '../errors.ts';
import type { StoreAddress } from './source.ts';
import type { StoredRecords } from './stored.ts';
import { isUnused, removeUnusedFile } from './unused-file.ts';

export interface OpenStore {
  /**
   * @param name Default: the session that the address names.
   * @throws {UnreachableError}
   */
  read(name?: string): Promise<StoredRecords>;
  /** The names of the sessions that there are. */
  list(): Promise<string[]>;
  /** Calls `listener` when the session may have changed. Returns a function that ends it. */
  watch(listener: () => void): () => void;
  close(): Promise<void>;
}

/** There is no store at that place yet. */
export class StoreMissingError extends UnreachableError {}

/**
 * Opens a store to look at, and makes none.
 * @throws {StoreMissingError} if there is none yet
 * @throws {UnreachableError} if it cannot be opened; its `cause` may be a {@link SessionStoreError}
 */
export async function openStore(address: StoreAddress): Promise<OpenStore> {
  const { session } = address;
  const { sessions: store, close } = await openSessions(address);
  return {
    read: (name = session) =>
      told(async () => ({
        session: await store.read(name, 'session'),
        logins: await store.read(name, 'logins'),
        leader: await store.read(name, 'leader'),
        outbox: await store.read(name, 'outbox'),
      })),
    list: () => told(() => store.list()),
    watch: (listener) => store.watch?.(session, listener) ?? (() => undefined),
    close,
  };
}

/** A store to work with. */
export interface OpenSessions {
  readonly sessions: SessionStore;
  readonly close: () => Promise<void>;
  /** Closes it, and removes a file that was made by opening it, if no session has come into it. */
  readonly abandon: () => Promise<void>;
}

/**
 * Opens a store for a session to live in.
 * @param make whether to make one where there is none yet
 * @throws {StoreMissingError} if there is none yet
 * @throws {UnreachableError} if it cannot be opened
 */
export async function openSessions(address: StoreAddress, make = false): Promise<OpenSessions> {
  const isNew = address.kind === 'sqlite' && !existsSync(address.place);
  const { store, end } = await told(() =>
    address.kind === 'sqlite' ? sqlite(address, make) : postgres(address, make),
  );
  const close = async () => {
    await store.close();
    await end();
  };
  return {
    sessions: store,
    close,
    abandon: async () => {
      // What cannot be read or removed is left as it is: the command has said what is wrong.
      const isToGo = isNew && existsSync(address.place) && (await isUnused(store).catch(() => false));
      await close();
      if (isToGo) await removeUnusedFile(address.place).catch(() => undefined);
    },
  };
}

interface Opened {
  readonly store: SessionStore;
  readonly end: () => Promise<void>;
}

const WAIT_MS = 5_000;

async function sqlite(address: StoreAddress, make: boolean): Promise<Opened> {
  const { place, sharedWithGroup } = address;
  if (place === '') throw new UsageError('--sqlite names no file. Give that of the bot’s sqliteSessions().');
  checkFile(place, make);
  const { sqliteSessions } = await import('../../adapters/sessions/sqlite/index.ts');
  const store = sqliteSessions(place, { ...rowOptions(address), sharedWithGroup, lockTimeoutMs: WAIT_MS });
  return { store, end: async () => undefined };
}

function checkFile(place: string, make: boolean): void {
  const size = (path: string) => statSync(path, { throwIfNoEntry: false })?.size;
  if (size(place) === undefined) {
    if (make) return;
    throw new StoreMissingError(`there is no file ${place}. Give that of the bot’s sqliteSessions().`);
  }
  // An empty file would be made into a store by being opened.
  if (size(place) === 0 && (size(`${place}-wal`) ?? 0) === 0) {
    if (make) return;
    throw new StoreMissingError(
      `${place} is empty: no bot has stored anything in it. Start the bot once, or look at the path.`,
    );
  }
  checkHeader(place);
}

const HEADER = 'SQLite format 3\0';

/** Names what is no database before anybody complains about its permissions. */
function checkHeader(path: string): void {
  if (!statSync(path).isFile()) {
    throw new UnreachableError(`${path} is no file. Give that of the bot’s sqliteSessions().`);
  }
  const header = Buffer.alloc(HEADER.length);
  let length: number;
  try {
    const file = openSync(path, 'r');
    length = readSync(file, header);
    closeSync(file);
  } catch {
    throw new UnreachableError(`${path} may not be read. Run this as the user that the bot runs as.`);
  }
  if (length > 0 && header.toString('latin1') !== HEADER) {
    throw new UnreachableError(
      `${path} is no SQLite database, or a damaged one. Give the file of the bot’s sqliteSessions().`,
    );
  }
}

async function postgres(address: StoreAddress, make: boolean): Promise<Opened> {
  const Pool = await loadPool();
  const pool = new Pool({ connectionString: address.place, max: 3, connectionTimeoutMillis: WAIT_MS });
  const { migratePostgresSessions, postgresSessions } = await import(
    '../../adapters/sessions/postgres/index.ts'
  );
  if (make && !(await hasTable(pool))) await migratePostgresSessions(pool);
  const store = postgresSessions(pool, { ...rowOptions(address), lockTimeoutMs: WAIT_MS });
  return { store, end: () => pool.end() };
}

/** A role that may not make the table may use one that is there. What goes wrong here goes wrong again, and is told then. */
async function hasTable(pool: import('pg').Pool): Promise<boolean> {
  try {
    const { rows } = await pool.query<{ name: string | null }>(
      "SELECT to_regclass('matrix_auth_sessions')::text AS name",
    );
    return rows[0]?.name !== null;
  } catch {
    return true;
  }
}

function rowOptions({ namespace, keys }: StoreAddress) {
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(keys.length === 0 ? {} : { keys }),
  };
}

/** @throws {UnreachableError} if the package is not installed */
export async function loadPool(): Promise<typeof import('pg').Pool> {
  try {
    return (await import('pg')).default.Pool;
  } catch (error) {
    throw new UnreachableError('PostgreSQL needs the package pg, which is not installed: npm install pg', {
      cause: error,
    });
  }
}

/** @throws {UnreachableError} in the place of a {@link SessionStoreError} */
export async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SessionStoreError) throw new UnreachableError(error.message, { cause: error });
    throw error;
  }
}
