import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderUnicodeCompact } from 'uqr';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { sqliteSessions } from '../../../src/adapters/sessions/sqlite/index.ts';
import { createMatrixAuth } from '../../../src/index.ts';
import { startFaultProxy, startTestHomeserver, type TestHomeserver } from '../../../src/testing/index.ts';
import { canaryPassword } from '../../support/both.ts';
import { missingTerminal, startInTerminal } from '../../support/terminal.ts';
import { describeWhereThereIs } from '../../support/where-there-is.ts';
import { type RunningCli, runCliProcess, startCli } from '../running.ts';
import { cliMain } from '../../support/cli-main.ts';

const password = canaryPassword();
const userId = '@bot:localhost';

let homeserver: TestHomeserver;
beforeAll(async () => {
  homeserver = await startTestHomeserver({
    users: [{ localpart: 'bot', password }],
    oauth: { pollIntervalMs: 100 },
  });
});
afterAll(() => homeserver.stop());

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-oauth-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The code that a running login shows. */
async function codeOf(login: RunningCli): Promise<string> {
  await login.prints(/Waiting until it is approved/);
  return /^ {2}Code: (\S+)$/m.exec(login.stderr)?.[1] ?? '';
}

const startLogin = (cwd: string, ...more: readonly string[]) =>
  startCli(['login', homeserver.url, ...more], { cwd });

/** Signs in, with a person who approves. */
async function signedIn(cwd: string): Promise<RunningCli> {
  const login = startLogin(cwd, '--json');
  homeserver.oauth.approve(userId, await codeOf(login));
  expect(await login.ended).toBe(0);
  return login;
}

test('a link and a code are approved; the session is renewed, told of and ended like any other', async () => {
  const cwd = await newFolder();
  const login = await signedIn(cwd);
  expect(login.stderr).toMatch(/^ {2}Link: http:\/\/127\.0\.0\.1:\d+\/link\?code=\S+$/m);
  expect(login.stderr).toMatch(/^ {2}Good until: in 20 min, at /m);
  const report = JSON.parse(login.stdout) as { readonly deviceId: string };
  expect(report).toMatchObject({ already: false, userId, kind: 'oauth', refreshable: true });
  expect(report).toMatchObject({ lines: { packages: ['matrix-auth-machine', 'xstate', 'oauth4webapi'] } });

  const run = (...args: readonly string[]) => runCliProcess([...args], { cwd });
  expect((await run('login', homeserver.url)).stdout).toContain(`Signed in already as ${userId}`);
  const tried = await run('doctor', homeserver.url, '--store', 'bot.db', '--try');
  expect(tried.stdout).toContain('A renewal was tried, and went well');
  expect(tried.code).toBe(0);
  expect((await run('sessions')).stdout).toContain('it renews itself');
  expect(homeserver.devices(userId)).toContain(report.deviceId);
  expect((await run('logout', homeserver.url)).code).toBe(0);
  expect(homeserver.devices(userId)).not.toContain(report.deviceId);
  for (const text of [login.stdout, login.stderr, tried.stdout]) expect(text).not.toMatch(/\bm[ac][tr]_/);
});

test('a bot whose session was ended goes on when somebody has signed in again', async () => {
  const cwd = await newFolder();
  await signedIn(cwd);
  const auth = createMatrixAuth({
    homeserver: homeserver.url,
    credentials: {},
    sessions: sqliteSessions(join(cwd, 'bot.db'), { watchMs: 50 }),
    logger: false,
  });
  onTestFinished(() => auth.stop());
  await auth.start();
  const { deviceId = '' } = auth.snapshot();
  homeserver.deleteDevice(userId, deviceId);
  const failed = new Promise((resolve) => auth.on('failed', resolve));
  const whoami = `${homeserver.url}/_matrix/client/v3/account/whoami`;
  await auth.fetch(whoami).catch(() => undefined);
  expect(await failed).toMatchObject({ reason: 'session-ended' });
  const live = new Promise<void>((resolve) => {
    auth.on('state', ({ state }) => state === 'valid' && resolve());
  });
  expect(JSON.parse((await signedIn(cwd)).stdout)).toMatchObject({ deviceId });
  await live;
  expect((await auth.fetch(whoami)).status).toBe(200);
});

test('denied, run out, or approved as somebody else: it says so, and nothing is stored', async () => {
  const cwd = await newFolder();
  const ends = async (login: RunningCli, words: string | RegExp) => {
    expect(await login.ended).toBe(1);
    expect(login.stderr).toMatch(words);
    expect(readdirSync(cwd)).toEqual([]);
  };
  const denied = startLogin(cwd);
  homeserver.oauth.deny(await codeOf(denied));
  await ends(denied, /denied on the page of the authorization server\. Run this again/);

  const late = startLogin(cwd);
  await codeOf(late);
  homeserver.oauth.expireDeviceCodes();
  await ends(late, /Nobody has approved the sign-in in time, and nothing was stored\. Run this again\./);

  homeserver.createUser('other', canaryPassword());
  const other = startLogin(cwd, '--user', 'bot');
  homeserver.oauth.approve('@other:localhost', await codeOf(other));
  await ends(other, /approved as @other:localhost/);
});

test('interrupted by Ctrl-C, it stores nothing; begun again, it comes to its end', async () => {
  const cwd = await newFolder();
  const interrupted = startLogin(cwd);
  await codeOf(interrupted);
  interrupted.child.kill('SIGINT');
  expect(await interrupted.ended).toBe(130);
  expect(interrupted.stderr).toMatch(
    /\nNot approved, and nothing was stored\. Run this again for another code\.\n$/,
  );
  expect(readdirSync(cwd)).toEqual([]);
  await signedIn(cwd);
});

test('a store that a bot waits at is not taken away from it where nobody approves', async () => {
  const cwd = await newFolder();
  const login = startLogin(cwd);
  const code = await codeOf(login);
  const bot = sqliteSessions(join(cwd, 'bot.db'));
  onTestFinished(() => bot.close());
  await bot.list();
  homeserver.oauth.deny(code);
  expect(await login.ended).toBe(1);
  expect(readdirSync(cwd)).toContain('bot.db');
});

test('told to slow down, it goes on waiting for the same code, and prints nothing of what it is given', async () => {
  const impatient = await startTestHomeserver({
    users: [{ localpart: 'bot', password }],
    oauth: { pollIntervalMs: 100 },
  });
  onTestFinished(() => impatient.stop());
  const proxy = await startFaultProxy({ target: impatient.url });
  onTestFinished(() => proxy.stop());
  const body = { error: 'slow_down' };
  const slow = proxy.inject({
    match: { method: 'POST', path: '/oauth2/token' },
    times: 1,
    fault: { kind: 'answer', status: 403, body },
  });
  const secrets: string[] = [];
  const note = (text: string) => {
    const { device_code, access_token, refresh_token } = JSON.parse(text) as Record<
      string,
      string | undefined
    >;
    secrets.push(...[device_code, access_token, refresh_token].filter((secret) => secret !== undefined));
    return text;
  };
  const match = { method: 'POST', path: /^\/oauth2\/(device|token)$/ };
  proxy.inject({ match, times: Number.POSITIVE_INFINITY, fault: { kind: 'rewrite', body: note } });
  const cwd = await newFolder();
  const login = startCli(['login', proxy.url, '--json'], { cwd });
  const code = await codeOf(login);
  await slow.hit;
  impatient.oauth.approve(userId, code);
  expect(await login.ended).toBe(0);
  expect(login.stderr).not.toContain('slow_down');
  expect(login.stderr.match(/ {2}Code: /g)).toHaveLength(1);
  const tried = await runCliProcess(['doctor', proxy.url, '--store', 'bot.db', '--try', '--json'], { cwd });
  expect(tried.code).toBe(0);
  expect(secrets).toHaveLength(5);
  for (const secret of secrets) {
    for (const text of [login.stdout, login.stderr, tried.stdout, tried.stderr])
      expect(text).not.toContain(secret);
  }
});

test('a password that is given is used where the homeserver takes one', async () => {
  const cwd = await newFolder();
  const args = ['login', homeserver.url, '--user', 'bot', '--password-stdin', '--json'];
  const ran = await runCliProcess(args, { cwd, input: password });
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(ran.stdout)).not.toHaveProperty('kind');
});

test('without the package that OAuth 2.0 takes, the password is asked for, or it says what to install', async () => {
  const cwd = await newFolder();
  const hook = `import { registerHooks } from 'node:module'; registerHooks({ resolve(name, context, next) { if (name === 'oauth4webapi') throw Object.assign(new Error('gone'), { code: 'ERR_MODULE_NOT_FOUND' }); return next(name, context); } });`;
  const node = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`];
  const fallback = await runCliProcess(['login', homeserver.url, '--user', 'bot'], { cwd, node });
  expect(fallback.stdout).toContain('(with the package oauth4webapi)');
  expect(fallback.stdout).toContain('Signing in with a user name and a password.');
  const wanted = await runCliProcess(['login', homeserver.url, '--with', 'device'], { cwd, node });
  expect(wanted.code).toBe(1);
  expect(wanted.stderr).toContain('npm install oauth4webapi');
});

describeWhereThereIs('script', missingTerminal, 'in a terminal', {}, () => {
  test('the link is a QR code, too', async () => {
    const cwd = await newFolder();
    const login = startInTerminal([cliMain, 'login', homeserver.url], cwd);
    await login.shows(/Waiting until it is approved/);
    const [, link = ''] = /^ {2}Link: (\S+)$/m.exec(login.shown) ?? [];
    expect(login.shown).toContain(renderUnicodeCompact(link, { border: 2 }).replace(/^/gm, '  '));
    homeserver.oauth.approve(userId, /^ {2}Code: (\S+)$/m.exec(login.shown)?.[1] ?? '');
    await login.shows(new RegExp(`^Signed in as ${userId} on device`, 'm'));
    expect(await login.ended).toBe(0);
  });
});
