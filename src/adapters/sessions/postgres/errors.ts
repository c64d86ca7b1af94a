import { SessionStoreError } from '../../../ports/index.ts';

/**
 * What PostgreSQL's codes mean for a session (https://www.postgresql.org/docs/current/errcodes-appendix.html), and
 * whether a person has to act. Trouble with other codes may pass by itself.
 */
const MEANINGS: Readonly<Record<string, readonly [message: string, permanent: boolean]>> = {
  '42P01': [
    'has no table matrix_auth_sessions. Call migratePostgresSessions(pool) once, or run postgresSessionsSql',
    true,
  ],
  '42703': [
    'has a table matrix_auth_sessions that is another. Call migratePostgresSessions(pool) in a schema of its own',
    true,
  ],
  '42501': [
    "refuses this to the bot's role. To run, it needs SELECT, INSERT, UPDATE and DELETE on matrix_auth_sessions; to migrate, CREATE on the schema",
    true,
  ],
  '28P01': ["refuses the password of the bot's role. Correct the pool's settings", true],
  '28000': ["refuses the bot's role. Correct the pool's settings, or pg_hba.conf", true],
  '3D000': ["has no such database. Create it, or correct the pool's settings", true],
  '25006': ['is read-only here. Connect the pool to the primary server', false],
  '25P03': ['ended the transaction, because it took longer than `idleTimeoutMs`', false],
  '53100': ['has no disk space left. Make room there', false],
  '53300': ["has no connection left. Raise max_connections, or lower the pools' `max`", false],
  '55P03': ['kept the session locked for another holder for longer than `lockTimeoutMs`', false],
  '57P01': ['ended the connection: it shuts down, or an administrator did it', false],
  '57P03': ['is starting up or shutting down', false],
};

/**
 * The driver's error in the words of this package. The server's own words are left out, and the error is not kept as
 * the cause: both may quote the row, and so its tokens.
 */
export function explained(error: unknown, outcome = 'Nothing was changed.'): SessionStoreError {
  if (error instanceof SessionStoreError) return error;
  const code = codeOf(error);
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code)) {
    return new SessionStoreError(
      `PostgreSQL cannot be reached, or the connection broke (${code ?? wordsOf(error)}). ${outcome}`,
      { permanent: false },
    );
  }
  const [what, permanent] = MEANINGS[code] ?? ['failed: its log has more', false];
  return new SessionStoreError(`PostgreSQL ${what} (SQLSTATE ${code}). ${outcome}`, { permanent });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The driver's own words: "Connection terminated unexpectedly", "Query read timeout" and the like. */
function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
