import type { Row } from '../shared/row.ts';
import type { Borrowed } from './connection.ts';

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

/**
 * Writes the row if it is still the one that was read as `before`; says whether it was. `notify`: tells those who watch
 * the session.
 */
export async function putRow(
  { client, write }: Borrowed,
  key: Key,
  before: Row | undefined,
  { version, body }: Row,
  notify: boolean,
): Promise<boolean> {
  const text = (value: string) => client.escapeLiteral(value);
  const written =
    before === undefined
      ? `INSERT INTO matrix_auth_sessions (namespace, name, version, body, updated_at)
         VALUES (${text(key.namespace)}, ${text(key.name)}, ${version}, ${text(body)}, clock_timestamp())
         ON CONFLICT DO NOTHING RETURNING version`
      : `UPDATE matrix_auth_sessions
         SET version = ${version}, body = ${text(body)}, updated_at = clock_timestamp()
         WHERE namespace = ${text(key.namespace)} AND name = ${text(key.name)} AND version = ${before.version}
           AND body = ${text(before.body)} RETURNING version`;
  const rows = await write(written);
  if (rows.length !== 1) return false;
  // In a transaction of its own: one that notifies holds a lock of the whole database until it is on disk, so that no two
  // sessions could be written at once. It is a hint, so nobody is told if it is lost.
  const hint = `SELECT pg_notify('${CHANNEL}', ${text(`${payloadOf(key)}${version}`)})`;
  if (notify) await write(hint, { durable: false }).catch(() => undefined);
  return true;
}

/**
 * Deletes the rows of this name, of the namespace and of those that start with `prefix`, and notifies. The row of a claim
 * stays, unless its lease is over.
 */
export async function deleteRows(
  { client, write }: Borrowed,
  key: Key,
  prefix: string,
  claimed: string,
): Promise<void> {
  const text = (value: string) => client.escapeLiteral(value);
  await write(
    `WITH gone AS (
       DELETE FROM matrix_auth_sessions WHERE name = ${text(key.name)}
         AND (namespace = ${text(key.namespace)} OR starts_with(namespace, ${text(prefix)}))
         AND CASE WHEN namespace = ${text(claimed)}
           THEN updated_at + (body::jsonb->>'leaseMs')::float8 * interval '1 millisecond' < clock_timestamp()
           ELSE true END
       RETURNING namespace, version
     ) SELECT pg_notify('${CHANNEL}', ${text(payloadOf(key))} || version) FROM gone
       WHERE namespace = ${text(key.namespace)}`,
  );
}

export async function namesIn({ query }: Borrowed, namespace: string): Promise<string[]> {
  const rows = await query(
    'SELECT name FROM matrix_auth_sessions WHERE namespace = $1 ORDER BY name COLLATE "C"',
    [namespace],
  );
  return rows.map((row) => String(row['name']));
}
