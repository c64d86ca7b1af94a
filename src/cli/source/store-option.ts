import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { addKeyOptions, connectionString, keyOf, type StoreAddress } from './source.ts';

/** Which store, and which session in it, as the command line says it. */
export interface StoreOptions {
  readonly store?: string;
  readonly session?: string;
  readonly namespace?: string;
  readonly key: readonly string[];
  readonly sharedWithGroup?: true;
}

export function addStoreOptions(command: Command): Command {
  return addKeyOptions(
    command
      .option(
        '--store <place>',
        'a session store: an SQLite file, a postgresql:// URL, or "postgres" for the URL in DATABASE_URL',
      )
      .option('--session <name>', 'the session in the store (default: "default")')
      .option('--namespace <name>', 'the namespace in the store (default: "default")'),
  );
}

/**
 * Where the store is, and `otherwise` where none was named.
 * @throws {UsageError} if what was given is no store, or names a session of none
 */
export function storeAddressOf(options: StoreOptions, otherwise: string): StoreAddress;
export function storeAddressOf(options: StoreOptions, otherwise?: undefined): StoreAddress | undefined;
export function storeAddressOf(options: StoreOptions, otherwise?: string): StoreAddress | undefined {
  const { session, namespace, key, sharedWithGroup } = options;
  const place = options.store ?? otherwise;
  if (place === undefined) {
    const given = { session, namespace, key: key[0], 'shared-with-group': sharedWithGroup };
    const [without] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
    if (without === undefined) return undefined;
    throw new UsageError(`--${without} is for a store. Name the store with --store.`);
  }
  if (place.trim() === '')
    throw new UsageError('--store names nothing. Give a file, or a postgresql:// URL.');
  const isUrl = /^[a-z][a-z0-9+.-]+:\/\//i.test(place);
  const isPostgres = isUrl || place === 'postgres';
  return {
    kind: isPostgres ? 'postgres' : 'sqlite',
    place: isPostgres ? connectionString(isUrl ? place : true, '--store') : place,
    session: session ?? 'default',
    namespace,
    keys: key.map(keyOf),
    sharedWithGroup: sharedWithGroup ?? false,
  };
}

/** The store for people: the file, or what kind of database. The URL holds a password. */
export function storeName({ kind, place }: StoreAddress): string {
  if (kind === 'sqlite') return place;
  return `PostgreSQL at ${new URL(place).host || 'this computer'}`;
}
