import { serialize } from 'node:v8';
import type { Change, IndexSchema, Schema } from './changes.ts';

interface StoreNotes {
  readonly keyPath: string | string[] | null;
  readonly indexes: Map<string, IndexSchema>;
}

/**
 * Notes what a transaction of `fake-indexeddb` does. Every request that writes begins with a method of an object that the
 * transaction hands out; those methods are replaced on the object itself, and what a request has done counts when it has
 * succeeded.
 */
export class Recorder {
  readonly changes: Change[] = [];
  readonly #hooked = new WeakSet<object>();

  constructor(transaction: IDBTransaction) {
    const objectStore = transaction.objectStore.bind(transaction);
    transaction.objectStore = (name) => this.#store(objectStore(name));
  }

  /** A store that was handed out otherwise. */
  #store(store: IDBObjectStore): IDBObjectStore {
    if (this.#hooked.has(store)) return store;
    this.#hooked.add(store);
    for (const verb of ['put', 'add'] as const) {
      const write = store[verb].bind(store);
      store[verb] = (value, ...key) => {
        // As it is now: whoever gave it may change it meanwhile.
        const bytes = serialize(value);
        return this.#after(write(value, ...key), (written) =>
          this.changes.push({ do: 'put', store: store.name, key: written, value: bytes }),
        );
      };
    }
    const remove = store.delete.bind(store);
    store.delete = (keys) =>
      this.#after(remove(keys), () => this.changes.push({ do: 'delete', store: store.name, keys }));
    const clear = store.clear.bind(store);
    store.clear = () => this.#after(clear(), () => this.changes.push({ do: 'clear', store: store.name }));
    this.#cursors(store, store.name);
    const index = store.index.bind(store);
    store.index = (name) => {
      const found = index(name);
      if (!this.#hooked.has(found)) this.#cursors(found, store.name);
      this.#hooked.add(found);
      return found;
    };
    return store;
  }

  #cursors(source: IDBObjectStore | IDBIndex, store: string): void {
    const openCursor = source.openCursor.bind(source);
    source.openCursor = (...range) =>
      this.#after(openCursor(...range), (cursor) => {
        if (cursor !== null) this.#cursor(cursor, store);
      });
  }

  #cursor(cursor: IDBCursorWithValue, store: string): void {
    if (this.#hooked.has(cursor)) return;
    this.#hooked.add(cursor);
    const update = cursor.update.bind(cursor);
    cursor.update = (value) => {
      const bytes = serialize(value);
      const key = cursor.primaryKey;
      return this.#after(update(value), () => this.changes.push({ do: 'put', store, key, value: bytes }));
    };
    const remove = cursor.delete.bind(cursor);
    cursor.delete = () => {
      const keys = cursor.primaryKey;
      return this.#after(remove(), () => this.changes.push({ do: 'delete', store, keys }));
    };
  }

  /** Whoever made the request has had no time to listen yet: this is called first. */
  #after<T>(request: IDBRequest<T>, then: (result: T) => void): IDBRequest<T> {
    request.addEventListener('success', () => then(request.result));
    return request;
  }
}

/** The same, of a transaction that changes the schema too. */
export class UpgradeRecorder extends Recorder {
  readonly #database: IDBDatabase;
  readonly #stores: Map<string, StoreNotes>;

  constructor(transaction: IDBTransaction, before: Schema | undefined) {
    super(transaction);
    this.#database = transaction.db;
    this.#stores = new Map(
      Object.entries(before?.stores ?? {}).map(([name, { keyPath, indexes }]) => [
        name,
        { keyPath, indexes: new Map(Object.entries(indexes)) },
      ]),
    );
    this.#schemaOf(transaction);
  }

  /** The schema as it has become. */
  get schema(): Schema {
    const stores = [...this.#stores].map(([name, { keyPath, indexes }]) => [
      name,
      { keyPath, indexes: Object.fromEntries(indexes) },
    ]);
    return { version: this.#database.version, stores: Object.fromEntries(stores) };
  }

  #schemaOf(transaction: IDBTransaction): void {
    const database = this.#database;
    const objectStore = transaction.objectStore.bind(transaction);
    const seen = new WeakSet<IDBObjectStore>();
    transaction.objectStore = (name) => {
      const store = objectStore(name);
      if (!seen.has(store)) this.#indexesOf(store);
      seen.add(store);
      return store;
    };
    const create = database.createObjectStore.bind(database);
    database.createObjectStore = (name, options) => {
      // Nobody needs it here, and what it counts could not be told from the outside.
      if (options?.autoIncrement === true)
        throw new DOMException('This store has no key generator.', 'NotSupportedError');
      const store = create(name, options);
      this.#stores.set(name, { keyPath: options?.keyPath ?? null, indexes: new Map() });
      return store;
    };
    const remove = database.deleteObjectStore.bind(database);
    database.deleteObjectStore = (name) => {
      remove(name);
      this.#stores.delete(name);
      this.changes.push({ do: 'clear', store: name });
    };
  }

  #indexesOf(store: IDBObjectStore): void {
    // A name that is taken is refused by the method itself, before anything is noted.
    const create = store.createIndex.bind(store);
    store.createIndex = (name: string, keyPath: string | Iterable<string>, options?: IDBIndexParameters) => {
      const path = typeof keyPath === 'string' ? keyPath : [...keyPath];
      const index = create(name, path, options);
      const { unique = false, multiEntry = false } = options ?? {};
      this.#stores.get(store.name)?.indexes.set(name, { keyPath: path, unique, multiEntry });
      return index;
    };
    const remove = store.deleteIndex.bind(store);
    store.deleteIndex = (name) => {
      remove(name);
      this.#stores.get(store.name)?.indexes.delete(name);
    };
    // To be called otherwise from now on: nobody needs that here, either.
    Object.defineProperty(store, 'name', { value: store.name, writable: false });
  }
}
