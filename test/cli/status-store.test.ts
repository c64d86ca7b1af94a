import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { migratePostgresSessions, postgresSessions } from '../../src/adapters/sessions/postgres/index.ts';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import { Secret, type SessionRecord, type SessionStore } from '../../src/ports/index.ts';
import { describeOnPostgres } from '../support/postgres.ts';
import { cli } from './cli.ts';
import { runCliProcess, startCli } from './running.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-status-'));
  const made = folder;
  return () => rm(made, { recursive: true });
});
const at = (name: string) => join(folder, name);

const tokens = [`canary-at-${'a'.repeat(30)}`, `canary-rt-${'r'.repeat(30)}`] as const;
const KEY = Buffer.alloc(32, 7).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');

function recordOf(generation: number, expiresInMs = 300_000): SessionRecord {
  const now = Date.now();
  return {
    session: {
      userId: '@echo:example.org',
      deviceId: 'BOT',
      generation,
      accessToken: new Secret(tokens[0]),
      refreshToken: new Secret(tokens[1]),
      obtainedAt: now,
      expiresAt: now + expiresInMs,
    },
  };
}

const put = (store: SessionStore, name: string, record: SessionRecord) =>
  store.update(name, 'session', () => ({ record, result: undefined }));

async function sqlite(record: SessionRecord, keys?: string) {
  const file = at('bot.db');
  const store = sqliteSessions(file, keys === undefined ? {} : { keys: [{ id: '2026', key: keys }] });
  await put(store, 'default', record);
  onTestFinished(() => store.close());
  return { file, store };
}

describe('status of an SQLite store', () => {
  test('a session: what a store knows, plainly, and no token', async () => {
    const { file } = await sqlite(recordOf(7));
    const { code, stdout, stderr } = await runCliProcess(['status', '--sqlite', file]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^@echo:example\.org: signed in, as far as the store knows\n/);
    expect(stdout).toMatch(
      /^ {2}device {4}BOT\n {2}token {5}number 7 \([0-9a-f]{8}\), since .*; expires in /m,
    );
    expect(stdout).toMatch(/^ {2}login {5}may be tried at once$/m);
    expect(stdout).toContain('a store does not know whether the bot runs');
    const json = await cli('status', '--sqlite', file, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      source: 'sqlite',
      session: 'default',
      found: true,
      generation: 7,
    });
    for (const token of tokens) expect(stdout + json.stdout).not.toContain(token);
  });

  test('messages that wait to be sent: how many, and for how long', async () => {
    const { file, store } = await sqlite(recordOf(1));
    expect((await cli('status', '--sqlite', file)).stdout).not.toContain('to send');
    const message = (id: string, at: number) => ({
      ...{ id, at, roomId: '!room:example.org', type: 'm.room.message', txnId: id },
      ...{ content: { body: 'canary-text' }, expiresAt: at + 3_600_000 },
    });
    const messages = [message('one', Date.now() - 120_000), message('two', Date.now())];
    await store.update('default', 'outbox', () => ({ record: { messages, sent: [] }, result: undefined }));
    const { stdout } = await cli('status', '--sqlite', file);
    expect(stdout).toMatch(/^ {2}to send {3}2 messages wait, the oldest .*2 min/m);
    expect(stdout).not.toContain('canary-text');
    const json = await cli('status', '--sqlite', file, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ outgoing: 2, outgoingSince: messages[0]?.at });
  });

  test('a token that has expired: 0 if it can be refreshed, else 3', async () => {
    const { file, store } = await sqlite(recordOf(1, -1_000));
    expect((await cli('status', '--sqlite', file)).code).toBe(0);
    const { refreshToken: _, ...session } = recordOf(2, -1_000).session ?? ({} as never);
    await put(store, 'default', { session });
    const without = await cli('status', '--sqlite', file);
    expect(without.code).toBe(3);
    expect(without.stdout).toContain('the token has expired, and cannot be refreshed');
  });

  test('another session: 3, with the names of those that there are', async () => {
    const { file } = await sqlite(recordOf(1));
    const { code, stdout } = await cli('status', '--sqlite', file, '--session', 'echo');
    expect({ code, stdout }).toEqual({
      code: 3,
      stdout: 'There is no session "echo" in it. There are: "default".\n',
    });
  });

  test('an encrypted one: with its key; without, or with another, 2 and which key it wants', async () => {
    const { file } = await sqlite(recordOf(3), KEY);
    writeFileSync(at('key'), KEY);
    const env = { SESSION_KEY: KEY, OTHER_KEY };
    const status = (...more: string[]) => runCliProcess(['status', '--sqlite', file, ...more], { env });
    const [byEnv, byFile, without, wrong, unset] = await Promise.all([
      status('--key', '2026=env:SESSION_KEY'),
      status('--key', `2026=file:${at('key')}`),
      status(),
      status('--key', '2026=env:OTHER_KEY'),
      status('--key', '2026=env:NO_SUCH_KEY'),
    ]);
    expect([byEnv, byFile, without, wrong, unset].map(({ code }) => code)).toEqual([0, 0, 2, 2, 2]);
    expect(without.stderr).toContain('Encrypted with the key "2026"');
    expect(wrong.stderr).toContain('Does not open with the key "2026"');
    expect(unset.stderr).toContain('NO_SUCH_KEY');
    expect(JSON.stringify([without, wrong, unset])).not.toContain(KEY);
  });

  test('makes no file, and no store of an empty one, and leaves another program’s alone', async () => {
    const missing = await cli('status', '--sqlite', at('none.db'));
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(`error: there is no file ${at('none.db')}.`);
    expect(existsSync(at('none.db'))).toBe(false);

    writeFileSync(at('empty.db'), '', { mode: 0o600 });
    const empty = await cli('status', '--sqlite', at('empty.db'));
    expect(empty.code).toBe(2);
    expect(empty.stderr).toContain('is empty');
    expect(readFileSync(at('empty.db'))).toHaveLength(0);

    writeFileSync(at('letter.txt'), 'Dear operator,\n'.repeat(100), { mode: 0o600 });
    const other = await cli('status', '--sqlite', at('letter.txt'));
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('is no SQLite database, or a damaged one');
  });
});

test('watch of a store: where it stands, a line for each new token, and 0 at Ctrl-C', async () => {
  const { file, store } = await sqlite(recordOf(1));
  const watching = startCli(['watch', '--sqlite', file]);
  const json = startCli(['watch', '--sqlite', file, '--json']);
  await watching.prints(/token number 1 /);
  await json.prints(/"generation":1/);
  await put(store, 'default', recordOf(2));
  await watching.prints(
    /^\d\d:\d\d:\d\d {2}default {2}@echo:example\.org {2}token number 2 \([0-9a-f]{8}\), expires at /m,
  );
  await json.prints(/"generation":2/);
  watching.child.kill('SIGINT');
  json.child.kill('SIGINT');
  expect([await watching.ended, await json.ended]).toEqual([0, 0]);
  const lines = json.stdout.trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { generation: number }).generation)).toEqual([1, 2]);
  for (const token of tokens) expect(watching.stdout + json.stdout).not.toContain(token);
});

test('--postgres without the package pg says what to install', async () => {
  const hook = `import { registerHooks } from 'node:module'; registerHooks({ resolve(name, context, next) { if (name === 'pg') throw Object.assign(new Error('gone'), { code: 'ERR_MODULE_NOT_FOUND' }); return next(name, context); } });`;
  const node = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`];
  const { code, stderr } = await runCliProcess(['status', '--postgres', 'postgres://127.0.0.1/x'], { node });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'error: PostgreSQL needs the package pg, which is not installed: npm install pg\n',
  });
});

await describeOnPostgres('status and watch of a PostgreSQL store', ({ connectionString }) => {
  test('tell what is in it, also when the table is not there yet', async () => {
    const env = { DATABASE_URL: connectionString };
    const before = await runCliProcess(['status', '--postgres'], { env });
    expect(before.code).toBe(2);
    expect(before.stderr).toContain('has no table matrix_auth_sessions');

    const pool = new pg.Pool({ connectionString, max: 3 });
    await migratePostgresSessions(pool);
    const store = postgresSessions(pool);
    onTestFinished(async () => {
      await store.close();
      await pool.end();
    });
    await put(store, 'echo', recordOf(1));
    const status = await runCliProcess(['status', '--postgres', connectionString, '--session', 'echo']);
    expect(status).toMatchObject({ code: 0, stderr: '' });
    expect(status.stdout).toContain('number 1 ');

    const watching = startCli(['watch', '--postgres', '--session', 'echo'], { env });
    await watching.prints(/token number 1 /);
    await put(store, 'echo', recordOf(2));
    await watching.prints(/token number 2 /);
    watching.child.kill('SIGINT');
    expect(await watching.ended).toBe(0);
    const { password } = new URL(connectionString);
    expect(JSON.stringify([before, status, watching.stdout, watching.stderr])).not.toContain(password);
  });
});
