import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { losingCommitAnswer } from '../commit-proxy.ts';
import { postgresFixtures } from './fixtures.ts';
import { fullRecord, generationOf, plain, rotate, sessionOf, write } from '../records.ts';

/** How a transaction of the PostgreSQL store ends when something goes wrong in the middle of it. */
export function describeTransactions(connectionString: string): void {
  const { ownPool, openStore, ownClient, terminate } = postgresFixtures(connectionString);

  describe('a transaction', () => {
    it('loses nothing when its connection is ended by an administrator', async () => {
      const namespace = randomUUID();
      const store = openStore({ namespace }, ownPool({ application_name: namespace }));
      const record = fullRecord(1);
      await write(store, 'bot', record);
      const admin = await ownClient();
      const ended = store.transact('bot', async () => {
        await terminate(admin, namespace);
        return { record: fullRecord(2), result: undefined };
      });
      await expect(ended).rejects.toMatchObject({
        permanent: false,
        message: expect.stringMatching(
          /PostgreSQL (ended the connection|cannot be reached).*Nothing was changed/,
        ),
      });
      expect(plain(await store.read('bot'))).toEqual(plain(record));
      expect(await rotate(store, 'bot')).toBe(2);
    });

    it('passes on what work throws when its connection is lost, too', async () => {
      const namespace = randomUUID();
      const store = openStore({ namespace }, ownPool({ application_name: namespace }));
      const admin = await ownClient();
      const error = new Error('the exchange failed');
      const failed = store.transact('bot', async () => {
        await terminate(admin, namespace);
        throw error;
      });
      await expect(failed).rejects.toBe(error);
    });

    it('loses the session to the next holder when it is silent for too long', async () => {
      const namespace = randomUUID();
      const slow = openStore({ namespace, idleTimeoutMs: 500 });
      const quick = openStore({ namespace });
      const zombie = slow.transact('bot', async () => {
        // Waits for the lock, and so until the server has taken it from the slow one.
        await write(quick, 'bot', { session: sessionOf(10) });
        return { record: { session: sessionOf(1) }, result: undefined };
      });
      await expect(zombie).rejects.toMatchObject({
        permanent: false,
        message: expect.stringMatching(/longer than `idleTimeoutMs`.*Nothing was changed/),
      });
      expect(await generationOf(slow, 'bot')).toBe(10);
    });

    it('gives no result to a holder that lost the session, not even without a record', async () => {
      const namespace = randomUUID();
      const store = openStore({ namespace }, ownPool({ application_name: namespace }));
      const admin = await ownClient();
      const zombie = store.transact('bot', async () => {
        await terminate(admin, namespace);
        return { result: 'the refresh token is dead' };
      });
      await expect(zombie).rejects.toMatchObject({ name: 'SessionStoreError', permanent: false });
    });

    it('says so when the row is no longer the one that was locked', async () => {
      const admin = await ownClient();
      const namespace = `trigger_${randomUUID().slice(0, 8)}`;
      const store = openStore({ namespace });
      await write(store, 'bot', fullRecord(1));
      await admin.query(`
        CREATE FUNCTION ${namespace}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER ${namespace} BEFORE UPDATE ON matrix_auth_sessions
          FOR EACH ROW WHEN (NEW.namespace = '${namespace}') EXECUTE FUNCTION ${namespace}();`);
      await expect(rotate(store, 'bot')).rejects.toMatchObject({
        permanent: false,
        message: expect.stringMatching(/changed by another holder/),
      });
      await admin.query(`DROP FUNCTION ${namespace} CASCADE`);
      expect(await rotate(store, 'bot')).toBe(2);
    });

    it('gives up waiting for the lock in time, and changes nothing', async () => {
      const namespace = randomUUID();
      const holder = openStore({ namespace });
      const waiting = openStore({ namespace, lockTimeoutMs: 100 });
      await write(holder, 'bot', fullRecord(1));
      await holder.transact('bot', async () => {
        const expected = { permanent: false, message: expect.stringMatching(/locked.*lockTimeoutMs/) };
        await expect(rotate(waiting, 'bot')).rejects.toMatchObject(expected);
        await expect(waiting.delete('bot')).rejects.toMatchObject(expected);
        return { result: undefined };
      });
      expect(await rotate(waiting, 'bot')).toBe(2);
    });

    it('gives up waiting for its own process in time', async () => {
      const store = openStore({ lockTimeoutMs: 100 });
      await store.transact('bot', async () => {
        await expect(rotate(store, 'bot')).rejects.toMatchObject({
          permanent: false,
          message: expect.stringMatching(/held by this process for more than 100 ms/),
        });
        expect(await rotate(store, 'other')).toBe(1);
        return { result: undefined };
      });
      expect(await rotate(store, 'bot')).toBe(1);
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
          FROM unnest(ARRAY['synchronous_commit', 'transaction_isolation', 'lock_timeout',
                            'idle_in_transaction_session_timeout']) AS setting;
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
        idle_in_transaction_session_timeout: '30s',
      });
      expect(seen['lock_timeout']).not.toBe('0');
    });

    it('uses one connection for all of a session, so that the pool stays free', async () => {
      const pool = ownPool({ max: 3 });
      const store = openStore({}, pool);
      const rotations = Array.from({ length: 10 }, () => rotate(store, 'bot'));
      expect(await store.list()).toBeDefined();
      await Promise.all(rotations);
      expect(pool.totalCount).toBeLessThanOrEqual(2);
    });
  });
}
