import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { migratePostgresSessions, postgresSessions } from '../../../src/adapters/sessions/postgres/index.ts';
import type { Report } from '../../../src/cli/doctor/report.ts';
import { createMatrixAuth, credentials } from '../../../src/index.ts';
import { startTestHomeserver } from '../../../src/testing/index.ts';
import { canaryPassword } from '../../support/both.ts';
import { describeOnPostgres } from '../../support/postgres.ts';
import { runCliProcess } from '../running.ts';
import { startPooler } from './pooler.ts';

await describeOnPostgres('doctor looks at a session in PostgreSQL', ({ connectionString }) => {
  test('directly, through a pooler, and where nothing listens', async () => {
    await using homeserver = await startTestHomeserver();
    const password = canaryPassword();
    homeserver.createUser('bot', password);
    const doctor = async (url: string) => {
      const args = ['doctor', homeserver.url, '--store', 'postgres', '--json'];
      const { code, stdout, stderr } = await runCliProcess(args, { env: { DATABASE_URL: url } });
      expect(stdout + stderr).not.toContain(new URL(connectionString).password);
      const { findings, toDo } = JSON.parse(stdout) as Report;
      return { code, toDo, finds: findings.map((finding) => `${finding.level} ${finding.code}`) };
    };
    expect(await doctor(connectionString)).toMatchObject({
      code: 1,
      finds: ['good server-answers', 'attention store-unusable'],
    });

    const pool = new pg.Pool({ connectionString, max: 3 });
    // The server may be stopped before the pool's last connection has closed.
    pool.on('connect', (client) => client.on('error', () => undefined));
    await migratePostgresSessions(pool);
    const sessions = postgresSessions(pool);
    onTestFinished(() => pool.end());
    const auth = createMatrixAuth({
      homeserver: homeserver.url,
      credentials: credentials({ username: 'bot', password }),
      sessions,
      logger: false,
    });
    await auth.start();
    await auth.stop();
    await sessions.close();
    const good = ['good server-answers', 'good token-accepted', 'good renewal-possible'];
    expect(await doctor(connectionString)).toEqual({ code: 0, toDo: [], finds: good });
    const pooled = ['good server-answers', 'note store-pooler', ...good.slice(1)];
    expect(await doctor(await startPooler(connectionString))).toEqual({ code: 0, toDo: [], finds: pooled });
    const nowhere = new URL(connectionString);
    nowhere.port = '1';
    expect(await doctor(nowhere.href)).toMatchObject({
      code: 2,
      finds: ['good server-answers', 'unknown store-unusable'],
    });
  });
});
