import { SessionStoreError } from '../../../ports/index.ts';
import type { Row } from '../shared/row.ts';
import type { Borrowed } from './client.ts';

/** The channel of the notifications. They carry names and no token. */
export const CHANNEL = 'matrix_auth_sessions';

/** A row's key. */
export interface Key {
  readonly namespace: string;
  readonly name: string;
}

/** What the payload of a row's notifications starts with; its version follows. */
export function payloadOf({ namespace, name }: Key): string {
  return `${namespace}:${name}:`;
}

export async function rowOf({ query }: Borrowed, { namespace, name }: Key): Promise<Row | undefined> {
  const [row] = await query(
    'SELECT version, body FROM matrix_auth_sessions WHERE namespace = $1 AND name = $2',
    [namespace, name],
  );
  return row && { version: Number(row['version']), body: String(row['body']) };
}

/** The row, locked until the transaction ends. Where there is none, one with version 0 is made to be locked. */
export async function lockRow({ query }: Borrowed, { namespace, name }: Key): Promise<Row> {
  for (;;) {
    const [row] = await query(
      'SELECT version, body FROM matrix_auth_sessions WHERE namespace = $1 AND name = $2 FOR UPDATE',
      [namespace, name],
    );
    if (row !== undefined) return { version: Number(row['version']), body: String(row['body']) };
    await query(
      `INSERT INTO matrix_auth_sessions (namespace, name, version, body) VALUES ($1, $2, 0, '')
       ON CONFLICT DO NOTHING`,
      [namespace, name],
    );
  }
}

/** Writes the row if it is still the one with the version before, and notifies. */
export async function putRow({ query }: Borrowed, key: Key, { version, body }: Row): Promise<void> {
  const written = await query(
    `WITH written AS (
       UPDATE matrix_auth_sessions SET version = $3, body = $4, updated_at = clock_timestamp()
       WHERE namespace = $1 AND name = $2 AND version = $3 - 1 RETURNING version
     ) SELECT pg_notify($5, $6) FROM written`,
    [key.namespace, key.name, version, body, CHANNEL, payloadOf(key) + version],
  );
  if (written.length === 1) return;
  throw new SessionStoreError(
    `The session ${JSON.stringify(key.name)} was changed by another holder although it was locked. Nothing was changed here: try again.`,
    { permanent: false },
  );
}

/** Deletes the row, and notifies. */
export async function deleteRow({ query }: Borrowed, key: Key): Promise<void> {
  await query(
    `WITH gone AS (
       DELETE FROM matrix_auth_sessions WHERE namespace = $1 AND name = $2 RETURNING version
     ) SELECT pg_notify($3, $4 || version) FROM gone`,
    [key.namespace, key.name, CHANNEL, payloadOf(key)],
  );
}

export async function namesIn({ query }: Borrowed, namespace: string): Promise<string[]> {
  const rows = await query(
    'SELECT name FROM matrix_auth_sessions WHERE namespace = $1 ORDER BY name COLLATE "C"',
    [namespace],
  );
  return rows.map((row) => String(row['name']));
}
