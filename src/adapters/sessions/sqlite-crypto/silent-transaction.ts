import { IDBObjectStore, IDBRequest, IDBTransaction } from 'fake-indexeddb';

/**
 * A transaction that is never answered, for whoever goes on with a database that is closed to it. An error would do as
 * well, but the SDK has promises that nobody handles, and Node ends a process for one of those.
 */
export function silentTransaction(): IDBTransaction {
  const ask = () => new IDBRequest();
  const asked = Object.fromEntries(verbs.map((verb) => [verb, ask]));
  const source: IDBObjectStore = Object.assign(Object.create(IDBObjectStore.prototype), {
    ...asked,
    index: () => source,
  });
  const ignore = () => {};
  return Object.assign(Object.create(IDBTransaction.prototype), {
    objectStore: () => source,
    addEventListener: ignore,
    removeEventListener: ignore,
    abort: ignore,
    commit: ignore,
  });
}

const verbs = [
  ...['put', 'add', 'delete', 'clear', 'get', 'getKey', 'getAll', 'getAllKeys', 'count'],
  ...['openCursor', 'openKeyCursor'],
];
