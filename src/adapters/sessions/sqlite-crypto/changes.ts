/** What a transaction has done to a database, in order. */
export type Change =
  | { readonly do: 'put'; readonly store: string; readonly key: IDBValidKey; readonly value: Uint8Array }
  | { readonly do: 'delete'; readonly store: string; readonly keys: IDBValidKey | IDBKeyRange }
  /** The store is emptied, or is no more. */
  | { readonly do: 'clear'; readonly store: string }
  | { readonly do: 'schema'; readonly schema: Schema };

/** The changes of one transaction. */
export interface Batch {
  readonly database: string;
  readonly changes: readonly Change[];
}

/** A database without what is in it. */
export interface Schema {
  readonly version: number;
  readonly stores: Readonly<Record<string, StoreSchema>>;
}

export interface StoreSchema {
  readonly keyPath: string | string[] | null;
  readonly indexes: Readonly<Record<string, IndexSchema>>;
}

export interface IndexSchema {
  readonly keyPath: string | string[];
  readonly unique: boolean;
  readonly multiEntry: boolean;
}

/** A database as it was stored. */
export interface StoredDatabase {
  readonly name: string;
  readonly schema: Schema;
  readonly records: Iterable<StoredRecord>;
}

export interface StoredRecord {
  readonly store: string;
  readonly key: IDBValidKey;
  readonly value: Uint8Array;
}
