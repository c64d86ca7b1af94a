import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { losingCommitAnswer } from '../commit-proxy.ts';
import { postgresFixtures } from './fixtures.ts';
import { fullRecord, generationOf, plain, rotate, write } from '../records.ts';

/** What becomes of a write or a claim when something goes wrong in the middle of it, and of the author's pool meanwhile. */
export function describeWrites(connectionString: string): void {
  const { ownPool, openStore, ownClient, terminate } = postgresFixtures(connectionString);

  /** A row of this namespace that another program has locked, until `end`. */
  async function locked(namespace: string) {
    const other = await ownClient();
    await other.query('BEGIN');
    await other.query('SELECT FROM matrix_auth_sessions WHERE namespace = $1 FOR UPDATE', [namespace]);
    return { end: () => other.query('COMMIT') };
  }

  describe('a write', () => {
    it('loses nothing when its connection is ended by an administrator', async () => {
      const namespace = randomUUID();
      const store = openStore({ namespace }, ownPool({ application_name: namespace }));
      const record = fullRecord(1);
      await write(store, 'bot', record);
      const lock = await locked(namespace);
      const admin = await ownClient();
      const written = write(store, 'bot', fullRecord(2)).catch((error: unknown) => error);
      await waitingFor(admin, namespace);
      await terminate(admin, namespace);
      expect(await written).toMatchObject({
        permanent: false,
        message: expect.stringMatching(/PostgreSQL (ended the connection|cannot be reached)|is unknown/),
      });
      await lock.end();
      expect(plain(await store.read('bot', 'session'))).toEqual(plain(record));
      expect(await rotate(store, 'bot')).toBe(2);
    });

    it('says so when others are always first', async () => {
      const admin = await ownClient();
      const namespace = `trigger_${randomUUID().slice(0, 8)}`;
      const store = openStore({ namespace, lockTimeoutMs: 200 });
      await write(store, 'bot', fullRecord(1));
      await admin.query(`
        CREATE FUNCTION ${namespace}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER ${namespace} BEFORE UPDATE ON matrix_auth_sessions
          FOR EACH ROW WHEN (NEW.namespace = '${namespace}') EXECUTE FUNCTION ${namespace}();`);
      await expect(rotate(store, 'bot')).rejects.toMatchObject({
        permanent: false,
        message: expect.stringMatching(/changed by others again and again/),
      });
      await admin.query(`DROP FUNCTION ${namespace} CASCADE`);
      expect(await rotate(store, 'bot')).toBe(2);
    });

    it('gives up waiting for a lock in time, and changes nothing', async () => {
      const namespace = randomUUID();
      const store = openStore({ namespace, lockTimeoutMs: 100 });
      await write(store, 'bot', fullRecord(1));
      const lock = await locked(namespace);
      const expected = { permanent: false, message: expect.stringMatching(/locked.*lockTimeoutMs/) };
      await expect(rotate(store, 'bot')).rejects.toMatchObject(expected);
      await expect(store.delete('bot')).rejects.toMatchObject(expected);
      expect(await generationOf(store, 'bot')).toBe(1);
      await lock.end();
      expect(await rotate(store, 'bot')).toBe(2);
    });

    it('says that it may have been written when the answer to COMMIT is lost', async () => {
      const namespace = randomUUID();
      const pool = ownPool({ connectionString: await losingCommitAnswer(connectionString) });
      const store = openStore({ namespace }, pool);
      await expect(write(store, 'bot', fullRecord(1))).rejects.toMatchObject({
        permanent: false,
        message: expect.stringMatching(/Whether it was written is unknown: read it again/),
      });
      expect(await generationOf(store, 'bot')).toBe(1);
      expect(await rotate(store, 'bot')).toBe(2);
    });

    it('is durable and waits for locks, whatever the defaults of the role are', async () => {
      const admin = await ownClient();
      const role = `careless_${randomUUID().slice(0, 8)}`;
      await admin.query(`
        CREATE ROLE ${role} LOGIN PASSWORD 'canary-pw-careless';
        GRANT SELECT, INSERT, UPDATE, DELETE ON matrix_auth_sessions TO ${role};
        ALTER ROLE ${role} SET synchronous_commit = off;
        ALTER ROLE ${role} SET default_transaction_isolation = 'serializable';
        ALTER ROLE ${role} SET default_transaction_read_only = on;
        CREATE TABLE ${role}_seen (setting text, value text);
        GRANT INSERT ON ${role}_seen TO ${role};
        CREATE FUNCTION ${role}_look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          INSERT INTO ${role}_seen SELECT setting, current_setting(setting)
          FROM unnest(ARRAY['synchronous_commit', 'transaction_isolation', 'lock_timeout']) AS setting;
          RETURN NEW;
        END $$;
        CREATE TRIGGER ${role}_look BEFORE UPDATE ON matrix_auth_sessions
          FOR EACH ROW WHEN (NEW.namespace = '${role}') EXECUTE FUNCTION ${role}_look();`);
      onTestFinished(async () => {
        const cleaner = new Client({ connectionString });
        await cleaner.connect();
        await cleaner.query(
          `DROP TABLE ${role}_seen; DROP FUNCTION ${role}_look CASCADE; DROP OWNED BY ${role}; DROP ROLE ${role}`,
        );
        await cleaner.end();
      });
      const url = new URL(connectionString);
      url.username = role;
      url.password = 'canary-pw-careless';
      const store = openStore({ namespace: role }, ownPool({ connectionString: url.href }));
      const counted = await Promise.all([rotate(store, 'bot'), rotate(store, 'bot')]);
      expect(counted).toEqual([1, 2]);
      const { rows } = await admin.query<{ setting: string; value: string }>(
        `SELECT DISTINCT * FROM ${role}_seen`,
      );
      const seen = Object.fromEntries(rows.map(({ setting, value }) => [setting, value]));
      expect(seen).toMatchObject({
        synchronous_commit: 'on',
        transaction_isolation: 'read committed',
      });
      expect(seen['lock_timeout']).not.toBe('0');
    });
  });

  describe('a claim', () => {
    it('takes no connection of the pool while it is held, but the one that listens', async () => {
      const pool = ownPool({ max: 2 });
      const store = openStore({}, pool);
      const claims = await Promise.all(
        Array.from({ length: 10 }, (_, index) => store.claim(`bot ${index}`, { waitAtMostMs: 10_000 })),
      );
      const rotations = Array.from({ length: 10 }, (_, index) => rotate(store, `bot ${index}`));
      expect(await Promise.all(rotations)).toEqual(Array.from({ length: 10 }, () => 1));
      expect((await pool.query<{ answer: number }>('SELECT 1 AS answer')).rows).toEqual([{ answer: 1 }]);
      await Promise.all(claims.map((claim) => claim.release()));
    });

    it('outlives the connection that listens', async () => {
      const namespace = randomUUID();
      const holder = openStore({ namespace }, ownPool({ application_name: namespace }));
      const other = openStore({ namespace });
      const claim = await holder.claim('bot', { waitAtMostMs: 5_000 });
      await terminate(await ownClient(), namespace);
      await expect(other.claim('bot', { waitAtMostMs: 1_500 })).rejects.toMatchObject({ permanent: false });
      expect(claim.lost.aborted).toBe(false);
      await claim.release();
      await (await other.claim('bot', { waitAtMostMs: 5_000 })).release();
    });
  });
}

/** Resolves when a statement of this application waits for a lock. */
async function waitingFor(admin: Client, applicationName: string): Promise<void> {
  for (;;) {
    const { rowCount } = await admin.query(
      "SELECT FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'",
      [applicationName],
    );
    if (rowCount !== 0) return;
  }
}
