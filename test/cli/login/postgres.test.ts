import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { startTestHomeserver } from '../../../src/testing/index.ts';
import { canaryPassword } from '../../support/both.ts';
import { describeOnPostgres } from '../../support/postgres.ts';
import { runCliProcess } from '../running.ts';

await describeOnPostgres('login, sessions and logout in PostgreSQL', ({ connectionString }) => {
  test('the table is made where there is none; a role that may not make it is enough later', async () => {
    await using homeserver = await startTestHomeserver();
    const password = canaryPassword();
    homeserver.createUser('bot', password);
    const run = (args: readonly string[], url = connectionString) =>
      runCliProcess([...args, '--store', 'postgres'], { env: { DATABASE_URL: url }, input: password });
    const login = ['login', homeserver.url, '--user', 'bot', '--password-stdin'];

    const first = await run(login);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain(`The session is in PostgreSQL at ${new URL(connectionString).host}.`);
    expect(first.stdout).toContain('  DATABASE_URL=…\n');
    expect(first.stdout).toContain(
      'postgresSessions(new pg.Pool({ connectionString: process.env.DATABASE_URL }))',
    );

    const admin = new pg.Client({ connectionString });
    admin.on('error', () => undefined);
    await admin.connect();
    onTestFinished(() => admin.end());
    await admin.query(`CREATE ROLE bot LOGIN PASSWORD 'canary-pw-of-a-role'`);
    await admin.query('GRANT SELECT, INSERT, UPDATE, DELETE ON matrix_auth_sessions TO bot');
    const asBot = new URL(connectionString);
    [asBot.username, asBot.password] = ['bot', 'canary-pw-of-a-role'];
    const second = await run([...login, '--session', 'second'], asBot.href);
    expect(second).toMatchObject({ code: 0, stderr: '' });

    const list = await run(['sessions', '--json'], asBot.href);
    const { sessions } = JSON.parse(list.stdout) as { sessions: { session: string }[] };
    expect(sessions.map(({ session }) => session)).toEqual(['default', 'second']);
    expect((await run(['logout', homeserver.url, '--session', 'second'], asBot.href)).code).toBe(0);
    expect((await run(['sessions'], asBot.href)).stdout).not.toContain('second');
    for (const ran of [first, second, list]) {
      expect(ran.stdout + ran.stderr).not.toMatch(/canary-pw|sy[tr]_/);
      expect(ran.stdout + ran.stderr).not.toContain(new URL(connectionString).password);
    }
  });
});
