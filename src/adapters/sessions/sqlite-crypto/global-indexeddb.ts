import {
  IDBCursor,
  IDBCursorWithValue,
  IDBDatabase,
  IDBFactory,
  IDBIndex,
  IDBKeyRange,
  IDBObjectStore,
  IDBOpenDBRequest,
  IDBRequest,
  IDBTransaction,
  IDBVersionChangeEvent,
} from 'fake-indexeddb';
import { SessionStoreError } from '../../../ports/index.ts';

/** Whoever serves the databases whose names begin with a prefix. */
interface Databases {
  open(name: string, version?: number): IDBOpenDBRequest;
}

/** The classes by which the SDK's crypto tells what it was given. */
const classes = {
  IDBCursor,
  IDBCursorWithValue,
  IDBDatabase,
  IDBFactory,
  IDBIndex,
  IDBKeyRange,
  IDBObjectStore,
  IDBOpenDBRequest,
  IDBRequest,
  IDBTransaction,
  IDBVersionChangeEvent,
};

const served = new Map<string, Databases>();

/** Sends each database to whoever serves it. What is not ours goes where it would have gone. */
class IndexedDbRouter extends IDBFactory {
  override open(name: string, version?: number): IDBOpenDBRequest {
    for (const [prefix, databases] of served)
      if (name.startsWith(`${prefix}::`)) return databases.open(name, version);
    const elsewhere = before?.value as IDBFactory | undefined;
    if (elsewhere === undefined) throw new DOMException(`There is no database ${name}.`, 'InvalidStateError');
    return elsewhere.open(name, version);
  }
}

/** What `indexedDB` was, while it is ours. */
let before: PropertyDescriptor | undefined;
let users = 0;

export interface GlobalUse {
  /** Does this while `indexedDB` leads to the databases. It does only then: others take it for a sign of a browser. */
  readonly during: <T>(work: () => Promise<T>) => Promise<T>;
  readonly forGood: () => void;
}

/**
 * Serves the databases with this prefix.
 * @throws {SessionStoreError} permanent: another IndexedDB is there already
 */
export function asIndexedDb(prefix: string, databases: Databases): { readonly leave: GlobalUse } {
  for (const [name, value] of Object.entries(classes)) {
    const there: unknown = Reflect.get(globalThis, name);
    if (there === undefined) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    } else if (there !== value) {
      throw new SessionStoreError(
        `Another IndexedDB than that of this package's fake-indexeddb is there already (globalThis.${name}). Load one copy of fake-indexeddb, or none.`,
        { permanent: true },
      );
    }
  }
  served.set(prefix, databases);
  return {
    leave: {
      during: async (work) => {
        if (users === 0) {
          before = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB');
          Object.defineProperty(globalThis, 'indexedDB', {
            value: new IndexedDbRouter(),
            configurable: true,
            writable: true,
          });
        }
        users += 1;
        try {
          return await work();
        } finally {
          users -= 1;
          if (users === 0) restore();
        }
      },
      forGood: () => served.delete(prefix),
    },
  };
}

function restore(): void {
  if (before === undefined) Reflect.deleteProperty(globalThis, 'indexedDB');
  else Object.defineProperty(globalThis, 'indexedDB', before);
  before = undefined;
}
