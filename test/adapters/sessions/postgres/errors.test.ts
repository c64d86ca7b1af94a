import { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import { migratePostgresSessions } from '../../../../src/adapters/sessions/postgres/index.ts';
import { SessionStoreError } from '../../../../src/ports/index.ts';

/** What comes of a driver that fails in this way. */
async function explained(failure: unknown): Promise<unknown> {
  const pool = new Pool();
  pool.query = () => Promise.reject(failure);
  return await migratePostgresSessions(pool).catch((thrown: unknown) => thrown);
}

const withCode = (code: unknown) => Object.assign(new Error('canary-at-quoted'), { code });

describe("an error of PostgreSQL's", () => {
  it.each([
    ['42P01', true, /no table matrix_auth_sessions/],
    ['42703', true, /table matrix_auth_sessions that is another/],
    ['42501', true, /refuses this to the bot's role/],
    ['28P01', true, /refuses the password/],
    ['28000', true, /pg_hba\.conf/],
    ['3D000', true, /no such database/],
    ['25006', false, /read-only/],
    ['53100', false, /no disk space/],
    ['53300', false, /no connection left/],
    ['55P03', false, /lockTimeoutMs/],
    ['57P01', false, /ended the connection/],
    ['57P03', false, /starting up/],
    ['XX000', false, /failed: its log has more/],
  ])(
    'with SQLSTATE %s says what it means, and whether somebody has to act',
    async (code, permanent, message) => {
      const error = await explained(withCode(code));
      expect(error).toBeInstanceOf(SessionStoreError);
      expect(error).toMatchObject({
        permanent,
        message: expect.stringMatching(
          new RegExp(`^PostgreSQL .*\\(SQLSTATE ${code}\\)\\. Nothing was changed\\.$`),
        ),
      });
      expect(error).toMatchObject({ message: expect.stringMatching(message) });
      expect(String(error)).not.toContain('canary');
    },
  );

  it.each(['ECONNREFUSED', 'EPIPE', 'X57P01', '57P011', 'ab123'])(
    'with the code %s of the system is a lost connection',
    async (code) => {
      expect(await explained(withCode(code))).toMatchObject({
        permanent: false,
        message: `PostgreSQL cannot be reached, or the connection broke (${code}). Nothing was changed.`,
      });
    },
  );

  it.each([
    [new Error('Connection terminated unexpectedly'), 'Connection terminated unexpectedly'],
    [Object.assign(new Error('Query read timeout'), { code: 7 }), 'Query read timeout'],
    ['a text', 'unknown'],
    [undefined, 'unknown'],
    [{ code: '42P01' }, 'unknown'],
  ])("without a code is told in the driver's words", async (thrown, words) => {
    expect(await explained(thrown)).toMatchObject({
      permanent: false,
      message: `PostgreSQL cannot be reached, or the connection broke (${words}). Nothing was changed.`,
    });
  });
});
