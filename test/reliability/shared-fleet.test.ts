import { Pool } from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { migratePostgresSessions } from '../../src/adapters/sessions/postgres/index.ts';
import { startTestHomeserver } from '../../src/testing/index.ts';
import { rounds } from '../support/long.ts';
import { describeOnPostgres } from '../support/postgres.ts';
import { lengthened } from '../support/slowness.ts';
import { SharedFleet } from './shared-fleet.ts';

const MEMBERS = rounds({ short: 2, long: 3 });
const SESSIONS = rounds({ short: 40, long: 100 });
const KILLS = rounds({ short: 1, long: 5 });
const PATIENCE = { timeout: 120_000, interval: 50 };

await describeOnPostgres('sessions that processes share through PostgreSQL', ({ connectionString }) => {
  test('are all taken over when a process is killed, and never run twice', async () => {
    const pool = new Pool({ connectionString });
    await migratePostgresSessions(pool);
    const homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password: 'password' }] });
    const names = Array.from({ length: SESSIONS }, (_, index) => `bot${index}`);
    const fleet = new SharedFleet({
      connectionString,
      names,
      homeserver: homeserver.url,
      leaseMs: lengthened(2_000),
    });
    onTestFinished(async () => {
      await fleet.stop();
      await pool.end();
      await homeserver.stop();
    });
    for (let member = 0; member < MEMBERS; member += 1) fleet.add();
    await vi.waitFor(() => expect(fleet.synced).toBe(SESSIONS), PATIENCE);
    // One connection of each process listens, however many sessions it has. This is the last that was asked on it.
    await vi.waitFor(async () => {
      const { rows } = await pool.query(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pid, (extract%'`,
      );
      expect(rows).toHaveLength(MEMBERS);
    }, PATIENCE);

    for (let kill = 0; kill < KILLS; kill += 1) {
      await fleet.kill();
      fleet.add();
      await vi.waitFor(() => expect(fleet.synced).toBe(SESSIONS), PATIENCE);
    }
    expect(fleet.syncedTwice).toEqual([]);
    // A device each, however often they were taken over.
    expect(homeserver.devices('@bot:localhost')).toHaveLength(SESSIONS);
    expect(homeserver.logins).toBe(SESSIONS);
  });
});
