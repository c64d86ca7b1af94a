import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Client, Pool, type PoolConfig } from 'pg';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  migratePostgresSessions,
  postgresSessions,
  type PostgresSessionsOptions,
  postgresSessionsSql,
} from '../../../src/adapters/sessions/postgres/index.ts';
import type { SessionStore } from '../../../src/ports/index.ts';
import { describeOnPostgres } from '../../support/postgres.ts';
import { describeBadRows } from './bad-rows.ts';
import { losingCommitAnswer } from './commit-proxy.ts';
import { describeSessionStore } from './contract.ts';
import { describeAcrossProcesses } from './contract-processes.ts';
import { type Place, storeAt } from './place.ts';
import { canary, fullRecord, generationOf, plain, rotate, sessionOf, toldOf, write } from './records.ts';

await describeOnPostgres('PostgreSQL', ({ connectionString }) => {
  /** A pool that is ended when the test has finished. */
  function ownPool(config: PoolConfig = {}): Pool {
    const pool = new Pool({ connectionString, ...config });
    onTestFinished(() => pool.end());
    return pool;
  }

  /** A store in a namespace of its own, unless one is given. */
  function openStore(options: PostgresSessionsOptions = {}, pool = ownPool()): SessionStore {
    const store = postgresSessions(pool, { namespace: randomUUID(), ...options });
    onTestFinished(() => store.close());
    return store;
  }

  async function ownClient(): Promise<Client> {
    const client = new Client({ connectionString });
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  }

  function ownPlace(): Place {
    return { kind: 'postgres', connectionString, namespace: randomUUID() };
  }

  beforeAll(async () => {
    const pool = new Pool({ connectionString });
    await migratePostgresSessions(pool);
    await pool.end();
  });

  describeSessionStore('PostgreSQL', async () => {
    const place = ownPlace();
    const first = storeAt(place);
    const second = storeAt(place);
    return {
      store: first.store,
      second: second.store,
      close: async () => {
        await first.close();
        await second.close();
      },
    };
  });

  describeAcrossProcesses('PostgreSQL', async () => ({ place: ownPlace(), remove: async () => {} }));

  describeBadRows('PostgreSQL', async () => {
    const namespace = randomUUID();
    const client = await ownClient();
    return {
      place: { kind: 'postgres', connectionString, namespace },
      bodyOf: async (name) => {
        const { rows } = await client.query<{ body: string }>(
          'SELECT body FROM matrix_auth_sessions WHERE namespace = $1 AND name = $2',
          [namespace, name],
        );
        return rows[0]?.body;
      },
      setBody: async (name, body) => {
        await client.query('UPDATE matrix_auth_sessions SET body = $3 WHERE namespace = $1 AND name = $2', [
          namespace,
          name,
          body,
        ]);
      },
    };
  });

  describe('a transaction', () => {
    it('loses nothing when its connection is ended by an administrator', async () => {
      const pool = ownPool();
      const store = openStore({}, pool);
      const record = fullRecord(1);
      await write(store, 'bot', record);
      const admin = await ownClient();
      const ended = store.transact('bot', async () => {
        await admin.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'`,
        );
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
      const store = openStore();
      const admin = await ownClient();
      const error = new Error('the exchange failed');
      const failed = store.transact('bot', async () => {
        await admin.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'`,
        );
        throw error;
      });
      await expect(failed).rejects.toBe(error);
    });

    it('loses the session to the next holder when it is silent for too long', async () => {
      const namespace = randomUUID();
      const slow = openStore({ namespace, idleTimeoutMs: 100 });
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
      const slow = openStore({ namespace, idleTimeoutMs: 100 });
      const quick = openStore({ namespace });
      const zombie = slow.transact('bot', async () => {
        await write(quick, 'bot', { session: sessionOf(10) });
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

  describe('a watch', () => {
    it('goes on after its connection was ended', async () => {
      const namespace = randomUUID();
      const watching = openStore({ namespace }, ownPool({ application_name: namespace }));
      const writing = openStore({ namespace });
      await write(writing, 'bot', fullRecord(1));
      let calls = 0;
      watching.watch?.('bot', () => {
        calls += 1;
      });
      await toldOf(watching, 'bot', 1);
      const before = calls;
      const admin = await ownClient();
      const { rowCount } = await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND query LIKE 'LISTEN %'`,
        [namespace],
      );
      expect(rowCount).toBe(1);
      const told = toldOf(watching, 'bot', 2);
      await rotate(writing, 'bot');
      await told;
      expect(calls).toBeGreaterThan(before);
    });

    it('gets on without notifications', async () => {
      const namespace = randomUUID();
      const watching = openStore({ namespace, pollMs: 20 });
      const client = await ownClient();
      await write(watching, 'bot', fullRecord(1));
      await toldOf(watching, 'bot', 1);
      const told = toldOf(watching, 'bot', 2);
      const row = `{"format":1,"session":{"generation":2,"obtainedAt":1,"accessToken":"${canary('at').reveal()}"}}`;
      await client.query('UPDATE matrix_auth_sessions SET body = $2 WHERE namespace = $1', [namespace, row]);
      await told;
    });

    it('hears names, and no token', async () => {
      const namespace = randomUUID();
      const listening = await ownClient();
      const payloads: unknown[] = [];
      listening.on('notification', ({ payload }) => payloads.push(payload));
      await listening.query('LISTEN matrix_auth_sessions');
      const store = openStore({ namespace });
      await write(store, 'bot', fullRecord(1));
      await rotate(store, 'bot');
      await store.delete('bot');
      await store.delete('bot');
      await listening.query("NOTIFY matrix_auth_sessions, 'last'");
      while (payloads.at(-1) !== 'last') await once(listening, 'notification');
      const own = payloads.filter((payload) => String(payload).startsWith(namespace));
      expect(own).toEqual([`${namespace}:bot:1`, `${namespace}:bot:2`, `${namespace}:bot:2`]);
    });

    it('leaves the pool without a connection that listens', async () => {
      const pool = ownPool();
      const store = openStore({}, pool);
      await write(store, 'bot', fullRecord(1));
      await toldOf(store, 'bot', 1);
      await toldOf(store, 'bot', 1);
      await store.close();
      expect(pool.totalCount).toBe(pool.idleCount);
      const listening = await Promise.all(
        Array.from({ length: pool.idleCount }, () => pool.query('SELECT pg_listening_channels()')),
      );
      expect(listening.flatMap(({ rows }) => rows)).toEqual([]);
    });
  });

  describe('a pool', () => {
    it('may lose its idle connections', async () => {
      const pool = ownPool({ application_name: 'idle-for-the-test' });
      const store = openStore({}, pool);
      await write(store, 'bot', fullRecord(1));
      const removed = new Promise((resolve) => {
        pool.once('remove', resolve);
      });
      const admin = await ownClient();
      await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'idle-for-the-test'`,
      );
      await removed;
      expect(await rotate(store, 'bot')).toBe(2);
    });

    it('needs three connections', () => {
      const pool = ownPool({ max: 2 });
      expect(() => postgresSessions(pool)).toThrow(/3 connections or more.*max: 2/);
    });
  });

  describe('the table', () => {
    /** A database of this test's own; the settings of a pool on it. */
    async function ownDatabase(): Promise<PoolConfig> {
      const name = `db_${randomUUID().replaceAll('-', '')}`;
      const admin = await ownClient();
      await admin.query(`CREATE DATABASE ${name}`);
      const url = new URL(connectionString);
      url.pathname = name;
      return { connectionString: url.href };
    }

    it('is missed with the advice to make it', async () => {
      const store = openStore({}, ownPool(await ownDatabase()));
      const expected = {
        permanent: true,
        message: expect.stringMatching(/no table matrix_auth_sessions.*migratePostgresSessions\(pool\)/),
      };
      await expect(store.read('bot')).rejects.toMatchObject(expected);
      await expect(rotate(store, 'bot')).rejects.toMatchObject(expected);
    });

    it('is made by several processes at once, and kept when it is there', async () => {
      const pool = ownPool(await ownDatabase());
      await Promise.all(Array.from({ length: 5 }, () => migratePostgresSessions(pool)));
      const store = openStore({}, pool);
      expect(await rotate(store, 'bot')).toBe(1);
      await migratePostgresSessions(pool);
      expect(await rotate(store, 'bot')).toBe(2);
    });

    it('is made by the SQL alone', async () => {
      const pool = ownPool(await ownDatabase());
      await pool.query(postgresSessionsSql);
      expect(await rotate(openStore({}, pool), 'bot')).toBe(1);
    });

    it('is refused to a role without rights, with the advice to grant them', async () => {
      const admin = await ownClient();
      const role = `nobody_${randomUUID().slice(0, 8)}`;
      await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'canary-pw-nobody'`);
      onTestFinished(async () => {
        const cleaner = new Client({ connectionString });
        await cleaner.connect();
        await cleaner.query(`DROP ROLE ${role}`);
        await cleaner.end();
      });
      const url = new URL(connectionString);
      url.username = role;
      url.password = 'canary-pw-nobody';
      const pool = ownPool({ connectionString: url.href });
      const expected = {
        permanent: true,
        message: expect.stringMatching(/needs SELECT, INSERT, UPDATE and DELETE/),
      };
      await expect(openStore({}, pool).read('bot')).rejects.toMatchObject(expected);
      await expect(migratePostgresSessions(pool)).rejects.toMatchObject(expected);
      url.password = 'canary-pw-wrong1';
      const wrong = openStore({}, ownPool({ connectionString: url.href }));
      await expect(wrong.read('bot')).rejects.toMatchObject({
        permanent: true,
        message: expect.stringMatching(/refuses the password/),
      });
    });
  });
});
