import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Client, type Pool, type PoolClient, type QueryConfig } from 'pg';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { postgresSessions } from '../../../../src/adapters/sessions/postgres/index.ts';
import { postgresFixtures } from './fixtures.ts';
import { fullRecord, rotate, write } from '../records.ts';

/** How the PostgreSQL store treats the pool, and those who watch. */
export function describePool(connectionString: string): void {
  const { ownPool, openStore } = postgresFixtures(connectionString);

  /** The one idle connection of the pool. */
  async function idle(pool: Pool): Promise<{ readonly id: unknown; readonly listeners: number }> {
    const client = await pool.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const found = { id: rows[0]?.pid, listeners: client.listenerCount('error') };
    client.release();
    return found;
  }

  /** Has each connection that is taken report an error before it is given back; tells which they were. */
  async function breakMeanwhile(pool: Pool, work: () => Promise<unknown>): Promise<PoolClient[]> {
    const broken: PoolClient[] = [];
    const breakAtCommit = (client: PoolClient) => {
      broken.push(client);
      const original = client.query.bind(client) as (config: QueryConfig) => Promise<unknown>;
      vi.spyOn(client, 'query').mockImplementation((async (config: QueryConfig) => {
        const done = await original(config);
        if (config.text.endsWith('COMMIT')) client.emit('error', new Error('the connection broke'));
        return done;
      }) as never);
    };
    pool.on('acquire', breakAtCommit);
    await work();
    pool.off('acquire', breakAtCommit);
    return broken;
  }

  describe('a pool of connections', () => {
    it('gets them back as they were, to be used again', async () => {
      const pool = ownPool({ idleTimeoutMillis: 0 });
      const store = openStore({}, pool);
      const before = await idle(pool);
      await rotate(store, 'bot');
      expect(await idle(pool)).toEqual(before);
    });

    it('is left without a timer', async () => {
      const pool = ownPool({ idleTimeoutMillis: 0 });
      const store = openStore({}, pool);
      await store.read('bot', 'session');
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      onTestFinished(() => {
        vi.useRealTimers();
      });
      await store.read('bot', 'session');
      expect(vi.getTimerCount()).toBe(0);
    });

    it('is not given back one that broke meanwhile, whose errors harm nobody', async () => {
      const pool = ownPool({ idleTimeoutMillis: 0 });
      const store = openStore({}, pool);
      const before = await idle(pool);
      const [client] = await breakMeanwhile(pool, () => rotate(store, 'bot'));
      expect((await idle(pool)).id).not.toBe(before.id);
      expect(() => client?.emit('error', new Error('once more'))).not.toThrow();
    });

    it('is left without a listener by a store that is closed', async () => {
      const pool = ownPool();
      const before = pool.listenerCount('error');
      await openStore({}, pool).close();
      expect(pool.listenerCount('error')).toBe(before);
    });

    it('that gives none does not keep a watch from its end, and loses none by it', async () => {
      const pool = ownPool({ max: 3 });
      const taken = await Promise.all(Array.from({ length: 3 }, () => pool.connect()));
      const store = openStore({}, pool);
      store.watch?.('bot', () => {});
      await setImmediate();
      await store.close();
      for (const client of taken) client.release();
      const again = await Promise.all(Array.from({ length: 3 }, () => pool.connect()));
      for (const client of again) client.release();
    });

    it.each(['lockTimeoutMs', 'claimLeaseMs', 'pollMs'])('needs a number for %s', (option) => {
      const pool = ownPool();
      expect(() => postgresSessions(pool, { [option]: -1 })).toThrow(option);
    });

    it('is named when a record cannot be kept', async () => {
      const broken = { ...fullRecord(), loginNotBefore: Number.NaN };
      await expect(write(openStore(), 'bot', broken)).rejects.toThrow(/ in PostgreSQL/);
    });
  });

  describe('those who watch', () => {
    /** Watches, and resolves at the first call. */
    async function watched(store: ReturnType<typeof openStore>, name: string) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const listener = vi.fn(() => resolve());
      const stop = store.watch?.(name, listener);
      await promise;
      return { listener, stop: () => stop?.() };
    }

    it('are called at the start, each of them', async () => {
      const store = openStore();
      await watched(store, 'bot');
      await watched(store, 'bot');
    });

    it('are not called when they have left at once', async () => {
      const store = openStore();
      await watched(store, 'bot');
      const listener = vi.fn();
      store.watch?.('bot', listener)();
      await setImmediate();
      expect(listener).not.toHaveBeenCalled();
    });

    it('are called as before when another has left', async () => {
      const store = openStore({ namespace: randomUUID() });
      const { listener } = await watched(store, 'bot');
      const other = await watched(store, 'other');
      other.stop();
      const told = new Promise<void>((resolve) => {
        listener.mockImplementation(() => resolve());
      });
      await rotate(store, 'bot');
      await told;
    });

    it('are not called any more when the store is closed', async () => {
      const store = openStore();
      await watched(store, 'bot');
      const listener = vi.fn();
      store.watch?.('bot', listener);
      await store.close();
      expect(listener).not.toHaveBeenCalled();
    });

    it('are told of their own session alone', async () => {
      const store = openStore({ namespace: randomUUID() });
      const { listener } = await watched(store, 'bot');
      const other = await watched(store, 'other');
      const told = new Promise<void>((resolve) => {
        other.listener.mockImplementation(() => resolve());
      });
      await rotate(store, 'other');
      await told;
      expect(listener).toHaveBeenCalledTimes(1);
    });

    it('give the connection up when the last of them leaves, and keep no process alive', async () => {
      const unref = vi.spyOn(Client.prototype as Client & { unref: () => void }, 'unref');
      onTestFinished(() => unref.mockRestore());
      const pool = ownPool();
      const { stop } = await watched(openStore({}, pool), 'bot');
      expect(unref).toHaveBeenCalledTimes(1);
      const removed = once(pool, 'remove');
      stop();
      await removed;
    });
  });
}
