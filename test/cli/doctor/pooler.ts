import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

const READY_FOR_QUERY = 0x5a;
const IDLE = 0x49;
const TERMINATE = 0x58;

/** A pooler that gives each transaction the connection that was free last, as PgBouncer does with transaction pooling. */
export async function startPooler(connectionString: string): Promise<string> {
  const address = new URL(connectionString);
  const { hostname, port } = address;
  const free: Socket[] = [];
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    // Each client signs in by a connection of its own, which is everybody's from then on.
    let backend: Socket | undefined = connect(Number(port), hostname);
    serve(backend);
    client.on('data', (data) => {
      if (backend === undefined && data[0] === TERMINATE) {
        client.end();
        return;
      }
      backend ??= free.pop();
      if (backend === undefined) throw new Error('There are as many connections as clients.');
      clients.set(backend, { client, release: () => (backend = undefined) });
      backend.write(data);
    });
    client.on('error', () => undefined);
    clients.set(backend, { client, release: () => (backend = undefined) });
  });
  const clients = new Map<Socket, { readonly client: Socket; readonly release: () => void }>();

  function serve(backend: Socket): void {
    open.add(backend);
    let rest = Buffer.alloc(0);
    backend.on('error', () => undefined);
    backend.on('data', (data) => {
      const user = clients.get(backend);
      rest = Buffer.concat([rest, data]);
      let isIdle = false;
      while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
        const length = 1 + rest.readInt32BE(1);
        isIdle = rest[0] === READY_FOR_QUERY && rest[5] === IDLE;
        rest = rest.subarray(length);
      }
      if (isIdle) {
        user?.release();
        free.push(backend);
      }
      user?.client.write(data);
    });
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  address.port = String((server.address() as AddressInfo).port);
  return address.href;
}
