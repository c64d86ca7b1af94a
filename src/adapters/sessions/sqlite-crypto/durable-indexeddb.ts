import { IDBFactory } from 'fake-indexeddb';
import { deserialize } from 'node:v8';
import type { Batch, Schema, StoredDatabase } from './changes.ts';
import { Recorder, UpgradeRecorder } from './recorder.ts';
import { silentTransaction } from './silent-transaction.ts';

export interface DurableOptions {
  /** What was there when the last process ended, however it ended. */
  readonly stored: Iterable<StoredDatabase>;
  /** Writes all of it, durably, or nothing. @throws if it could not */
  readonly write: (batches: readonly Batch[]) => void;
  /** A write has failed with this, and is tried again; `undefined` when it has succeeded. */
  readonly onHeld: (error: unknown) => void;
  /** How long until a write that has failed is tried again. */
  readonly retryMs: number;
}

interface Held {
  readonly batch: Batch;
  readonly release: () => void;
}

/**
 * IndexedDB that lasts. A transaction is on disk when its `complete` is heard: whoever waits for that, waits for the disk,
 * also when the disk is full for a while. What is begun meanwhile is written after it, in order.
 */
export class DurableIndexedDb {
  readonly #factory = new IDBFactory();
  readonly #options: DurableOptions;
  readonly #schemas = new Map<string, Schema>();
  readonly #open = new Set<IDBDatabase>();
  #held: Held[] = [];
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  private constructor(options: DurableOptions) {
    this.#options = options;
  }

  /** Takes in what is stored. */
  static async load(options: DurableOptions): Promise<DurableIndexedDb> {
    const loaded = new DurableIndexedDb(options);
    for (const database of options.stored) {
      await restore(loaded.#factory, database);
      loaded.#schemas.set(database.name, database.schema);
    }
    return loaded;
  }

  /** Nobody has made a database yet. */
  get empty(): boolean {
    return this.#schemas.size === 0;
  }

  open(name: string, version?: number): IDBOpenDBRequest {
    if (this.#closed) throw new DOMException('It is closed.', 'InvalidStateError');
    const request = version === undefined ? this.#factory.open(name) : this.#factory.open(name, version);
    let upgrade: UpgradeRecorder | undefined;
    // Whoever asked has had no time to listen yet: these are called first.
    request.addEventListener('upgradeneeded', () => {
      upgrade = new UpgradeRecorder(request.transaction as IDBTransaction, this.#schemas.get(name));
    });
    this.#keepBefore(request, 'success', () => {
      this.#watch(request.result, name);
      if (upgrade === undefined) return { database: name, changes: [] };
      const { changes, schema } = upgrade;
      this.#schemas.set(name, schema);
      return { database: name, changes: [...changes, { do: 'schema', schema }] };
    });
    return request;
  }

  /** Answers nobody any more who has a database open; what they have begun comes to its end. */
  cutOff(): void {
    for (const database of [...this.#open]) database.close();
  }

  /** Resolves when everything is on disk, or cannot be written. */
  async close(): Promise<void> {
    this.cutOff();
    // A transaction that runs comes to its end within a few turns of the event loop.
    for (const { name } of await this.#factory.databases()) await ended(this.#factory, name as string);
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#write();
    clearTimeout(this.#retry);
  }

  #watch(database: IDBDatabase, name: string): void {
    this.#open.add(database);
    const transaction = database.transaction.bind(database);
    database.transaction = (stores, mode, options) => {
      const begun = transaction(stores, mode, options);
      if (mode !== 'readwrite') return begun;
      const { changes } = new Recorder(begun);
      this.#keepBefore(begun, 'complete', () => ({ database: name, changes }));
      return begun;
    };
    const close = database.close.bind(database);
    database.close = () => {
      this.#open.delete(database);
      database.transaction = silentTransaction;
      close();
    };
  }

  /** Lets nobody hear of this event before what belongs to it is on disk. */
  #keepBefore(target: IDBRequest | IDBTransaction, type: 'success' | 'complete', made: () => Batch): void {
    let kept = false;
    target.addEventListener(type, (event) => {
      if (kept) return;
      kept = true;
      const batch = made();
      if (batch.changes.length === 0 && this.#held.length === 0) return;
      const again = () => target.dispatchEvent(Reflect.construct(event.constructor, [type]));
      const waits = this.#held.length > 0;
      this.#held.push({ batch, release: again });
      if (!waits && this.#writeFirst()) return;
      event.stopImmediatePropagation();
    });
  }

  /** Writes the only one that is held, on whose event everybody waits; false if that has to be tried again. */
  #writeFirst(): boolean {
    try {
      this.#options.write(this.#held.map(({ batch }) => batch));
      this.#held = [];
      return true;
    } catch (error) {
      this.#later(error);
      return false;
    }
  }

  #write(): void {
    const held = this.#held;
    if (held.length === 0 || !this.#writeFirst()) return;
    this.#options.onHeld(undefined);
    for (const { release } of held) release();
  }

  #later(error: unknown): void {
    this.#options.onHeld(error);
    this.#retry = setTimeout(() => this.#write(), this.#options.retryMs);
  }
}

/** Resolves when no connection to this database is open any more. */
function ended(factory: IDBFactory, name: string): Promise<void> {
  return new Promise((resolve) => {
    const request = factory.deleteDatabase(name);
    // What is in memory alone goes; it is all on disk.
    request.addEventListener('success', () => resolve());
    request.addEventListener('error', () => resolve());
  });
}

async function restore(factory: IDBFactory, { name, schema, records }: StoredDatabase): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const request = factory.open(name, schema.version);
  request.addEventListener('upgradeneeded', () => {
    const stores = new Map<string, IDBObjectStore>();
    for (const [storeName, { keyPath, indexes }] of Object.entries(schema.stores)) {
      const store = request.result.createObjectStore(storeName, { keyPath });
      stores.set(storeName, store);
      for (const [indexName, index] of Object.entries(indexes)) {
        const { keyPath: path, unique, multiEntry } = index;
        store.createIndex(indexName, path, { unique, multiEntry });
      }
    }
    for (const { store: storeName, key, value } of records) {
      const store = stores.get(storeName) as IDBObjectStore;
      if (store.keyPath === null) store.put(deserialize(value), key);
      else store.put(deserialize(value));
    }
  });
  request.addEventListener('success', () => {
    request.result.close();
    resolve();
  });
  request.addEventListener('error', () => reject(request.error));
  await promise;
}
