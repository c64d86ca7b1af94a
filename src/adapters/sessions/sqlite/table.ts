import { type StatsFs, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { SessionStoreError } from '../../../ports/index.ts';
import type { Row } from '../shared/row.ts';

export function rowOf(connection: DatabaseSync, namespace: string, name: string): Row | undefined {
  const row = connection
    .prepare('SELECT version, body FROM sessions WHERE namespace = ? AND name = ?')
    .get(namespace, name);
  return row && { version: Number(row['version']), body: String(row['body']) };
}

export function putRow(connection: DatabaseSync, namespace: string, name: string, row: Row): void {
  connection
    .prepare(
      `INSERT INTO sessions (namespace, name, version, body, updated_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (namespace, name) DO UPDATE
       SET version = excluded.version, body = excluded.body, updated_at = excluded.updated_at`,
    )
    .run(namespace, name, row.version, row.body, Date.now());
}

/** Deletes the rows of this name: the one of the session, and those whose namespaces start with `prefix`. */
export function deleteRows(connection: DatabaseSync, namespace: string, prefix: string, name: string): void {
  connection
    .prepare('DELETE FROM sessions WHERE name = ? AND (namespace = ? OR substr(namespace, 1, length(?)) = ?)')
    .run(name, namespace, prefix, prefix);
}

export function namesIn(connection: DatabaseSync, namespace: string): string[] {
  return connection
    .prepare('SELECT name FROM sessions WHERE namespace = ? ORDER BY name')
    .all(namespace)
    .map((row) => String(row['name']));
}

/** Room that a write may need, in bytes. */
const NEEDED = 64 * 1024;

/**
 * Checks that a write will find room: a token that cannot be stored had better not be asked for.
 * @throws {SessionStoreError}
 */
export function checkRoom(file: string): void {
  if (hasRoom(statfsSync(dirname(file)))) return;
  throw new SessionStoreError(`The disk of ${file} is full. Nothing was changed: make room there.`, {
    permanent: false,
  });
}

export function hasRoom({ blocks, bavail, bsize }: Pick<StatsFs, 'blocks' | 'bavail' | 'bsize'>): boolean {
  // Some file systems do not know their size.
  return blocks === 0 || bavail * bsize >= NEEDED;
}
