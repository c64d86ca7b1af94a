import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'pg';
import { migratePostgresSessions } from '../../src/adapters/sessions/postgres/index.ts';
import { startTestHomeserver } from '../../src/testing/index.ts';
import { SharedFleet } from '../reliability/shared-fleet.ts';
import { startPostgres } from '../support/postgres.ts';
import { inThousands, type Row } from './measure.ts';

const MEMBERS = 4;
const SESSIONS = 2_000;
const KILLS = 2;
const EVERY_MS = 20_000;
const LONGEST_START_MS = 90_000;

/** Processes that share sessions, one of which is killed again and again. */
export async function sharedFleet(): Promise<Row> {
  const postgres = await startPostgres();
  const homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password: 'password' }] });
  const { connectionString } = postgres;
  const pool = new Pool({ connectionString });
  await migratePostgresSessions(pool);
  await pool.end();
  const names = Array.from({ length: SESSIONS }, (_, index) => `bot${index}`);
  const fleet = new SharedFleet({ connectionString, names, homeserver: homeserver.url, leaseMs: 3_000 });
  for (let member = 0; member < MEMBERS; member += 1) fleet.add();
  // On a computer that is busy with other things, they may not get that far.
  const until = performance.now() + LONGEST_START_MS;
  while (fleet.synced < SESSIONS && performance.now() < until) await delay(100);
  for (let kill = 0; kill < KILLS; kill += 1) {
    await fleet.kill();
    fleet.add();
    await delay(EVERY_MS);
  }
  const seconds = fleet.longestIdleMs / 1_000;
  const twice = fleet.syncedTwice.length;
  const { synced } = fleet;
  await fleet.stop();
  await homeserver.stop();
  await postgres.stop();
  return {
    what: `${inThousands(SESSIONS)} sessions in ${MEMBERS} processes on PostgreSQL, one killed every ${EVERY_MS / 1_000} s: the longest that a session was without an owner; sessions with two`,
    result: `${seconds.toFixed(1)} s; ${twice}; ${inThousands(synced)} have one at the end`,
    reach: '≤ 15 s; 0',
    reached: seconds <= 15 && twice === 0 && synced === SESSIONS,
    runs: `${KILLS} kills`,
    figures: { seconds, twice, synced },
  };
}
