import { Pool } from 'pg';
import { migratePostgresSessions, postgresSessions } from '../../src/adapters/sessions/postgres/index.ts';
import { startPostgres } from '../support/postgres.ts';
import { measuredBy } from './child.ts';
import { inThousands, type Row } from './measure.ts';
import { storedSessions } from './stored-sessions.ts';

const SESSIONS = 1_000;
const SECONDS = 8;

/** How many refresh tokens are exchanged per second by processes that share a PostgreSQL database. */
export async function postgresRotations(): Promise<Row> {
  const postgres = await startPostgres();
  try {
    const pool = new Pool({ connectionString: postgres.connectionString });
    await migratePostgresSessions(pool);
    const store = postgresSessions(pool);
    await storedSessions(SESSIONS, 3_600_000, store);
    await store.close();
    await pool.end();
    const figures: Record<string, number> = {};
    for (const processes of [1, 2, 4]) {
      const each = SESSIONS / processes;
      const counts = await Promise.all(
        Array.from({ length: processes }, (_, index) =>
          measuredBy<number>('rotating-main.ts', [
            ...[postgres.connectionString, String(index * each), String(each), String(SECONDS)],
          ]),
        ),
      );
      figures[String(processes)] = counts.reduce((sum, count) => sum + count, 0);
    }
    const perSecond = figures['4'] ?? 0;
    return {
      what: `Refresh tokens exchanged per second on PostgreSQL, ${inThousands(SESSIONS)} sessions in 4 processes, the database on the same computer`,
      result: `${inThousands(perSecond)} (one process ${inThousands(figures['1'] ?? 0)}, two ${inThousands(figures['2'] ?? 0)})`,
      reach: '≥ 500',
      reached: perSecond >= 500,
      runs: `1 of ${SECONDS} s each`,
      figures,
    };
  } finally {
    await postgres.stop();
  }
}
