import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { RunningPostgres } from './postgres.ts';

/** Makes an empty database on a PostgreSQL, and gives its connection string. */
export async function ownDatabase({ connectionString }: RunningPostgres): Promise<string> {
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
  return own.href;
}
