import type { Pool } from 'pg';
import { explained } from './errors.ts';

/** Makes the table of {@link migratePostgresSessions}. It can be run again, and changes nothing then. */
export const postgresSessionsSql = `CREATE TABLE IF NOT EXISTS matrix_auth_sessions (
  namespace text NOT NULL,
  name text NOT NULL,
  version bigint NOT NULL,
  body text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (namespace, name)
);
`;

/** Any number that no other program uses for its advisory locks. */
const LOCK = 5_575_864_771_316_941;

/**
 * Makes the table that `postgresSessions` needs, or brings it up to date. It may be called at each start, and by
 * several processes at once. Its role needs the right to create tables; the bot itself needs only to `SELECT`,
 * `INSERT`, `UPDATE` and `DELETE`. `postgresSessionsSql` is the same as text, for those who migrate by other means.
 * @throws {SessionStoreError}
 */
export async function migratePostgresSessions(pool: Pool): Promise<void> {
  try {
    // Sent as one query, so they are one transaction, and the lock ends with it.
    await pool.query(`SELECT pg_advisory_xact_lock(${LOCK}); ${postgresSessionsSql}`);
  } catch (error) {
    throw explained(error);
  }
}
