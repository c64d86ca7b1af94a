import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Client, Pool, type PoolConfig } from 'pg';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  migratePostgresSessions,
  postgresSessionsSql,
} from '../../../../src/adapters/sessions/postgres/index.ts';
import { describeBadRows } from '../bad-rows.ts';
import { describeSessionStore } from '../contract.ts';
import { describeLastingStore } from '../contract-lasting.ts';
import { storeAt } from '../place.ts';
import { postgresFixtures } from './fixtures.ts';
import { describePool } from './pool.ts';
import { describeWrites } from './writes.ts';
import { canary, fullRecord, generationOf, rotate, toldOf, write } from '../records.ts';

/** All that the PostgreSQL store does in one process. */
export function describePostgresStore(connectionString: string): void {
  const { ownPool, openStore, ownClient, ownPlace, terminate } = postgresFixtures(connectionString);

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

  describeLastingStore('PostgreSQL', async () => ({ place: ownPlace(), remove: async () => {} }));

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

  describeWrites(connectionString);
  describePool(connectionString);

  describe('a watch', () => {
    it('goes on after its connection was ended', async () => {
      const namespace = randomUUID();
      const watching = openStore({ namespace }, ownPool({ application_name: namespace }));
      const writing = openStore({ namespace });
      await write(writing, 'bot', fullRecord(1));
      let called = Promise.withResolvers<void>();
      watching.watch?.('bot', () => {
        called.resolve();
        called = Promise.withResolvers();
      });
      // The first call comes when the connection listens, and so does the one after the next connect.
      await called.promise;
      const admin = await ownClient();
      const again = called.promise;
      expect(await terminate(admin, namespace)).toBeGreaterThan(0);
      await again;
      const told = called.promise;
      await rotate(writing, 'bot');
      await told;
      expect(await generationOf(watching, 'bot')).toBe(2);
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
      // One that was still being made is given back once it is there.
      await vi.waitFor(() => expect(pool.totalCount).toBe(pool.idleCount));
      const listening = await Promise.all(
        Array.from({ length: pool.idleCount }, () => pool.query('SELECT pg_listening_channels()')),
      );
      expect(listening.flatMap(({ rows }) => rows)).toEqual([]);
    });
  });

  describe('a pool', () => {
    it('may lose its idle connections', async () => {
      const namespace = randomUUID();
      const pool = ownPool({ application_name: namespace });
      const store = openStore({ namespace }, pool);
      await write(store, 'bot', fullRecord(1));
      const removed = new Promise((resolve) => {
        pool.once('remove', resolve);
      });
      await terminate(await ownClient(), namespace);
      await removed;
      expect(await rotate(store, 'bot')).toBe(2);
    });

    it('of one connection is enough: it is borrowed for a moment at a time, and changes are heard of a little later', async () => {
      const namespace = randomUUID();
      const pool = ownPool({ max: 1 });
      const store = openStore({ namespace, pollMs: 20 }, pool);
      const claims = await Promise.all(
        ['one', 'two'].map((name) => store.claim(name, { waitAtMostMs: 10_000 })),
      );
      const told = toldOf(store, 'one', 1);
      expect(await Promise.all([rotate(store, 'one'), rotate(store, 'two')])).toEqual([1, 1]);
      await told;
      const stop = store.watch?.('two', () => {});
      expect((await pool.query<{ answer: number }>('SELECT 1 AS answer')).rows).toEqual([{ answer: 1 }]);
      stop?.();
      await Promise.all(claims.map((claim) => claim.release()));
      const next = await store.claim('one', { waitAtMostMs: 10_000 });
      await next.release();
    });
  });

  describe('the table', () => {
    /** A database of this test's own; the settings of a pool on it. */
    async function ownDatabase(): Promise<PoolConfig> {
      const name = `db_${randomUUID().replaceAll('-', '')}`;
      const admin = await ownClient();
      await admin.query(`CREATE DATABASE ${name}`);
      onTestFinished(() => admin.query(`DROP DATABASE ${name}`).then(() => {}));
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
      await expect(store.read('bot', 'session')).rejects.toMatchObject(expected);
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
      await expect(openStore({}, pool).read('bot', 'session')).rejects.toMatchObject(expected);
      await expect(migratePostgresSessions(pool)).rejects.toMatchObject(expected);
      url.password = 'canary-pw-wrong1';
      const wrong = openStore({}, ownPool({ connectionString: url.href }));
      await expect(wrong.read('bot', 'session')).rejects.toMatchObject({
        permanent: true,
        message: expect.stringMatching(/refuses the password/),
      });
    });
  });
}
