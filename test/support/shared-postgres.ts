import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from 'pg';
import { type RunningPostgres, startPostgres } from './postgres.ts';

/** What a test file gets that asks: the connection string of an empty database of its own, or why there is none. */
export type GivenDatabase = { readonly connectionString: string } | { readonly unavailable: string };

export interface DatabaseOffice {
  /** Where a test file asks, by a request of any kind. */
  readonly url: string;
  /** Ends the PostgreSQL, if one was started. */
  stop(): Promise<void>;
}

/** Serves all test files of a run with databases of one PostgreSQL, which is started when the first of them asks. */
export async function openDatabaseOffice(): Promise<DatabaseOffice> {
  let starting: Promise<RunningPostgres> | undefined;
  const server = createServer((_, response) => {
    starting ??= startPostgres();
    void starting
      .then(ownDatabase)
      .catch((error: unknown) => ({ unavailable: error instanceof Error ? error.message : String(error) }))
      .then((given: GivenDatabase) => response.end(JSON.stringify(given)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await (await starting?.catch(() => undefined))?.stop();
    },
  };
}

async function ownDatabase({ connectionString }: RunningPostgres): Promise<GivenDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = new Client({ connectionString });
  await admin.connect();
  try {
    await admin.query(`CREATE DATABASE ${name}`);
  } finally {
    await admin.end();
  }
  const own = new URL(connectionString);
  own.pathname = name;
  return { connectionString: own.href };
}
