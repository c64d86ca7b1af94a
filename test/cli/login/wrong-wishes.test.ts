import { mkdtemp, rm } from 'node:fs/promises';
import { readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import {
  type FaultProxy,
  startFaultProxy,
  startTestHomeserver,
  type TestHomeserver,
} from '../../../src/testing/index.ts';
import { canaryPassword } from '../../support/both.ts';
import { runCliProcess } from '../running.ts';

const password = canaryPassword();
const logins = { method: 'POST', path: '/login' };

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-wishes-'));
  return () => rm(cwd, { recursive: true, force: true });
});

async function start(
  options: Parameters<typeof startTestHomeserver>[0] = {},
): Promise<{ readonly homeserver: TestHomeserver; readonly proxy: FaultProxy }> {
  const homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password }], ...options });
  onTestFinished(() => homeserver.stop());
  const proxy = await startFaultProxy({ target: homeserver.url });
  onTestFinished(() => proxy.stop());
  return { homeserver, proxy };
}

const login = async (url: string, args: readonly string[], env: Record<string, string> = {}) => {
  const ran = await runCliProcess(['login', url, ...args], { cwd, env, input: password });
  expect(ran.stdout + ran.stderr).not.toContain(password);
  return ran;
};

test('the file of a store as the homeserver is one for --store, for login and doctor', async () => {
  writeFileSync(join(cwd, 'bot.db'), '');
  for (const command of ['login', 'doctor']) {
    expect(await runCliProcess([command, 'bot.db'], { cwd })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: bot.db is a file, and no homeserver. A session store is given with --store bot.db\n',
    });
  }
});

test('a user of another server is named before a login is spent', async () => {
  const { proxy } = await start();
  const args = ['--password-stdin'];
  for (const ran of [
    await login(proxy.url, ['--user', '@bot:other.example', ...args]),
    await login(proxy.url, args, { MATRIX_USERNAME: '@bot:other.example' }),
  ]) {
    expect(ran.code).toBe(2);
    expect(ran.stderr).toBe(
      `error: @bot:other.example is of another server: the homeserver at ${proxy.url} is localhost. Name the user’s own server.\n`,
    );
  }
  expect((await login(proxy.url, ['--user', ' ', ...args])).stderr).toBe('error: --user names nobody.\n');
  expect(proxy.count(logins)).toBe(0);
  expect(readdirSync(cwd)).toEqual([]);
});

test('a way to sign in that the homeserver does not have is told from a refusal', async () => {
  const { proxy } = await start();
  for (const way of ['device', 'browser']) {
    const { code, stdout, stderr } = await login(proxy.url, ['--with', way]);
    expect(code).toBe(1);
    expect(stdout).not.toContain('Signing in with');
    expect(stderr).toMatch(
      /does not offer this way to sign in: no OAuth 2\.0 was found there\. Leave --with out/,
    );
  }
  const behind = await start({ oauth: { compatibility: false, deviceGrant: false } });
  const byPassword = await login(behind.proxy.url, [
    '--with',
    'password',
    '--user',
    'bot',
    '--password-stdin',
  ]);
  expect(byPassword).toMatchObject({ code: 1, stderr: expect.stringContaining('it takes no passwords') });
  const byCode = await login(behind.proxy.url, ['--with', 'device']);
  expect(byCode).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('it has OAuth 2.0 without codes'),
  });
  // A script that waits for nobody.
  const unasked = await login(behind.proxy.url, ['--user', 'bot', '--password-stdin']);
  expect(unasked).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('A password was given, and this homeserver takes none.'),
  });
  expect(readdirSync(cwd)).toEqual([]);
});

test('a locked account is told at once, and costs one login, or none where a session is stored', async () => {
  const { homeserver, proxy } = await start();
  const args = ['--user', 'bot', '--password-stdin'];
  const locked = 'error: The account is locked. Ask an administrator of the homeserver to unlock it.\n';
  homeserver.setLocked('@bot:localhost', true);
  expect(await login(proxy.url, args)).toMatchObject({ code: 1, stderr: locked });
  expect(proxy.count(logins)).toBe(1);
  homeserver.setLocked('@bot:localhost', false);
  expect((await login(proxy.url, args)).code).toBe(0);
  homeserver.setLocked('@bot:localhost', true);
  expect(await login(proxy.url, args)).toMatchObject({ code: 1, stderr: locked });
  expect(proxy.count(logins)).toBe(2);
});

test('a homeserver that takes no more logins for an hour is not waited for', async () => {
  const { proxy } = await start();
  const body = { errcode: 'M_LIMIT_EXCEEDED', error: 'Too Many Requests', retry_after_ms: 3_000_000 };
  proxy.inject({
    match: logins,
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'answer', status: 429, body },
  });
  const ran = await login(proxy.url, ['--user', 'bot', '--password-stdin']);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toMatch(
    /^error: the homeserver takes no more sign-ins for now \(login: 429 M_LIMIT_EXCEEDED, until \d\d:\d\d:\d\d\)\. Run this again then\.\n$/,
  );
  expect(proxy.count(logins)).toBe(1);
});
