import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * A way to PostgreSQL on which the answer to the first COMMIT gets lost: the server has it, and the connection breaks.
 * Returns the connection string to use; it ends when the test has finished.
 */
export async function losingCommitAnswer(connectionString: string): Promise<string> {
  const target = new URL(connectionString);
  let lost = false;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let committing = false;
    client.on('data', (data) => {
      committing = !lost && data.includes('COMMIT\0');
      lost ||= committing;
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (!committing) {
        client.write(data);
        return;
      }
      client.destroy();
      upstream.destroy();
    });
    for (const [socket, other] of [[client, upstream] as const, [upstream, client] as const]) {
      socket.on('error', () => {});
      socket.on('close', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  const proxied = new URL(connectionString);
  proxied.port = String(typeof address === 'object' ? address?.port : '');
  return proxied.href;
}
