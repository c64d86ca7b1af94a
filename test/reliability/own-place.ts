import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import { migratePostgresSessions } from '../../src/adapters/sessions/postgres/index.ts';
import type { Place } from './place.ts';

/** A place that nobody else uses. */
export interface OwnPlace {
  readonly place: Place;
  readonly remove: () => Promise<void>;
}

export async function sqlitePlace(): Promise<OwnPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-reliability-'));
  return {
    place: { kind: 'SQLite', path: join(folder, 'bot.db') },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function postgresPlace(connectionString: string): Promise<OwnPlace> {
  const pool = new Pool({ connectionString });
  await migratePostgresSessions(pool);
  await pool.end();
  return {
    place: { kind: 'PostgreSQL', connectionString, namespace: randomUUID() },
    remove: async () => {},
  };
}
