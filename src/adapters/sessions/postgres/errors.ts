import { SessionStoreError } from '../../../ports/index.ts';

/**
 * What PostgreSQL's codes mean for a session (https://www.postgresql.org/docs/current/errcodes-appendix.html), and
 * whether a person has to act. Trouble with other codes may pass by itself.
 */
const MEANINGS: Readonly<Record<string, { readonly message: string; readonly permanent: boolean }>> = {
  '42P01': {
    message:
      'has no table matrix_auth_sessions. Call migratePostgresSessions(pool) once, or run postgresSessionsSql',
    permanent: true,
  },
  '42703': {
    message:
      'has a table matrix_auth_sessions that is another. Call migratePostgresSessions(pool) in a schema of its own',
    permanent: true,
  },
  '42501': {
    message:
      "refuses this to the bot's role. To run, it needs SELECT, INSERT, UPDATE and DELETE on matrix_auth_sessions; to migrate, CREATE on the schema",
    permanent: true,
  },
  '28P01': {
    message: "refuses the password of the bot's role. Correct the pool's settings",
    permanent: true,
  },
  '28000': {
    message: "refuses the bot's role. Correct the pool's settings, or pg_hba.conf",
    permanent: true,
  },
  '3D000': { message: "has no such database. Create it, or correct the pool's settings", permanent: true },
  '25006': { message: 'is read-only here. Connect the pool to the primary server', permanent: false },
  '53100': { message: 'has no disk space left. Make room there', permanent: false },
  '53300': {
    message: "has no connection left. Raise max_connections, or lower the pools' `max`",
    permanent: false,
  },
  '55P03': {
    message: 'kept the record locked for another for longer than `lockTimeoutMs`',
    permanent: false,
  },
  '57P01': { message: 'ended the connection: it shuts down, or an administrator did it', permanent: false },
  '57P03': { message: 'is starting up or shutting down', permanent: false },
};

/**
 * The driver's error in the words of this package. The server's own words are left out, and the error is not kept as
 * the cause: both may quote the row, and so its tokens.
 */
export function explained(error: unknown): SessionStoreError {
  if (error instanceof SessionStoreError) return error;
  const code = codeOf(error);
  if (!isSqlState(code)) {
    return new SessionStoreError(
      `PostgreSQL cannot be reached, or the connection broke (${code ?? wordsOf(error)}). Nothing was changed.`,
      { permanent: false },
    );
  }
  const { message, permanent } = MEANINGS[code] ?? { message: 'failed: its log has more', permanent: false };
  return new SessionStoreError(`PostgreSQL ${message} (SQLSTATE ${code}). Nothing was changed.`, {
    permanent,
  });
}

/** The same for a write: when the connection breaks in the middle of it, nobody knows what became of it. */
export function explainedWrite(error: unknown): SessionStoreError {
  const code = codeOf(error);
  if (error instanceof SessionStoreError || isSqlState(code)) return explained(error);
  return new SessionStoreError(
    `The connection to PostgreSQL broke while a record was being written (${code ?? wordsOf(error)}). Whether it was written is unknown: read it again.`,
    { permanent: false },
  );
}

/** No SQLSTATE starts with E, as the system's codes do, such as EPIPE. */
function isSqlState(code: string | undefined): code is string {
  return code !== undefined && /^[0-9A-DF-Z][0-9A-Z]{4}$/.test(code);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The driver's own words: "Connection terminated unexpectedly", "Query read timeout" and the like. */
function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
