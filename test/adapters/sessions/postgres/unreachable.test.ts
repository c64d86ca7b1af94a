import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Pool } from 'pg';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { postgresSessions } from '../../../../src/adapters/sessions/postgres/index.ts';
import type { SessionStore } from '../../../../src/ports/index.ts';
import { expectRefused } from '../expect-refused.ts';

describe('a PostgreSQL that cannot be reached', () => {
  async function listening(onConnection: (socket: Socket) => void): Promise<number> {
    const server = createServer(onConnection);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
    });
    const address = server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  function storeOn(port: number): SessionStore {
    const pool = new Pool({
      host: '127.0.0.1',
      port,
      user: 'bot',
      password: 'canary-pw-unused1',
      database: 'bot',
    });
    const store = postgresSessions(pool);
    onTestFinished(async () => {
      await store.close();
      await pool.end();
    });
    return store;
  }

  it('because it refuses connections gives an error that may pass', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    server.close();
    await once(server, 'close');
    const store = storeOn(typeof address === 'object' ? (address?.port ?? 0) : 0);
    await expectRefused(store, false, /PostgreSQL cannot be reached.*ECONNREFUSED.*Nothing was changed/);
    await expect(store.list()).rejects.toMatchObject({ permanent: false });
  });

  it('because it hangs up gives an error that may pass', async () => {
    const port = await listening((socket) => socket.destroy());
    await expectRefused(storeOn(port), false, /PostgreSQL cannot be reached/);
  });

  it('because it ends the connection with the very packet that opens it gives an error that may pass', async () => {
    const message = (type: string, body: string) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(body.length + 4);
      return Buffer.concat([Buffer.from(type), length, Buffer.from(body, 'latin1')]);
    };
    const ended = Buffer.concat([
      message('R', '\0\0\0\0'),
      message('Z', 'I'),
      message('E', 'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'),
    ]);
    const port = await listening((socket) => {
      socket.once('data', () => socket.end(ended)).on('error', () => {});
    });
    await expectRefused(storeOn(port), false, /PostgreSQL/);
  });

  it('because it never answers gives an error in time, whatever the pool waits for', async () => {
    const { promise: connected, resolve } = Promise.withResolvers<Socket>();
    const port = await listening(resolve);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const reading = storeOn(port)
      .read('bot', 'session')
      .catch((error: unknown) => error);
    const socket = await connected;
    vi.advanceTimersByTime(20_000);
    expect(await reading).toMatchObject({
      permanent: false,
      message: expect.stringMatching(/^The PostgreSQL pool gave no connection within 20000 ms/),
    });
    socket.destroy();
  });
});
