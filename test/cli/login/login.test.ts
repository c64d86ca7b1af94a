import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { sqliteSessions } from '../../../src/adapters/sessions/sqlite/index.ts';
import { createMatrixAuth } from '../../../src/index.ts';
import { root } from '../../../tools/root.ts';
import tsconfig from '../../../tsconfig.json' with { type: 'json' };
import { canaryPassword, describeOnBoth, freshUser } from '../../support/both.ts';
import { Person } from '../../support/rest.ts';
import { runNode } from '../cli.ts';
import { placeIn } from './place.ts';

const sources: Readonly<Record<string, readonly string[]>> = tsconfig.compilerOptions.paths;

/** The code with the package's own sources in the place of its name. */
function onSources(code: string): string {
  return code.replace(/'(matrix-auth-machine[^']*)'/g, (_, name: string) => {
    return `'${pathToFileURL(join(root, sources[name]?.[0] ?? '')).href}'`;
  });
}

const logins = { method: 'POST', path: '/login' };

describeOnBoth('login', { accessTokenLifetimeMs: 300_000 }, (context) => {
  test('stores a session, and the lines that it prints are a bot that finds it', async () => {
    const place = await placeIn(context);
    const { proxy, user, folder } = place;
    const signedIn = await place.login();
    expect(signedIn).toMatchObject({ code: 0, stderr: '' });
    expect(signedIn.stdout).toContain(`(localhost) signs in with: a user name with a password`);
    expect(signedIn.stdout).toMatch(
      new RegExp(`^Signed in as ${user.userId} on device MAM[0-9A-F]{12}\\.$`, 'm'),
    );
    expect(signedIn.stdout).toContain('The session is in bot.db. It renews itself.');
    const [, environment = '', code = ''] =
      /in its environment:\n((?: {2}.*\n)+)and in its code:\n((?: {2}.*\n)+)$/.exec(signedIn.stdout) ?? [];
    expect(environment).toBe(`  HOMESERVER_URL=${proxy.url}\n`);
    const bot = `${code}await auth.start();\nconsole.log(auth.snapshot().userId);\nawait auth.stop();\n`;
    writeFileSync(join(folder, 'bot.mjs'), onSources(bot));
    process.env['HOMESERVER_URL'] = proxy.url;
    onTestFinished(() => void delete process.env['HOMESERVER_URL']);
    const ran = await runNode(folder, ['bot.mjs']);
    expect(ran.stdout).toContain(`${user.userId}\n`);
    expect(ran.code).toBe(0);
    expect(proxy.count(logins)).toBe(1);
  });

  test('leaves a session that lives as it is, and asks for nothing', async () => {
    const place = await placeIn(context);
    await place.login();
    const again = await place.run(['login', place.proxy.url, '--json']);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(again.stdout)).toMatchObject({
      already: true,
      homeserver: place.proxy.url,
      store: 'bot.db',
      session: 'default',
      userId: place.user.userId,
      refreshable: true,
      lines: { environment: [`HOMESERVER_URL=${place.proxy.url}`] },
    });
    expect(place.proxy.count(logins)).toBe(1);
  });

  test('signs in anew where the session was ended, and a bot that runs on it goes on', async () => {
    const place = await placeIn(context);
    const { homeserver, proxy, user, folder } = place;
    await place.login();
    const auth = createMatrixAuth({
      homeserver: proxy.url,
      credentials: {},
      sessions: sqliteSessions(join(folder, 'bot.db'), { watchMs: 50 }),
      logger: false,
    });
    onTestFinished(() => auth.stop());
    await auth.start();
    const { deviceId = '' } = auth.snapshot();
    await homeserver.deleteDevice(user.userId, deviceId);
    const failed = new Promise((resolve) => auth.on('failed', resolve));
    const whoami = `${proxy.url}/_matrix/client/v3/account/whoami`;
    await auth.fetch(whoami).catch(() => undefined);
    expect(await failed).toMatchObject({ reason: 'session-ended' });

    const live = new Promise<void>((resolve) => {
      auth.on('state', ({ state }) => state === 'valid' && resolve());
    });
    expect((await place.login()).stdout).toContain(`Signed in as ${user.userId} on device ${deviceId}.`);
    await live;
    expect((await auth.fetch(whoami)).status).toBe(200);
    expect(await homeserver.devices(user.userId)).toEqual([deviceId]);
  });

  test('tries a wrong password once, and leaves no store behind', async () => {
    const place = await placeIn(context);
    const args = ['login', place.proxy.url, '--username', place.user.localpart, '--password-stdin'];
    const wrong = canaryPassword();
    const ran = await place.run(args, { input: wrong });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/^error: The homeserver refused the user name and password/);
    expect(ran.stdout + ran.stderr).not.toContain(wrong);
    expect(place.proxy.count(logins)).toBe(1);
    expect(readdirSync(place.folder)).toEqual([]);
  });

  test('leaves the store of another session as it is, where it is refused', async () => {
    const place = await placeIn(context);
    await place.login('--session', 'other');
    const args = ['login', place.proxy.url, '--user', place.user.localpart, '--password-stdin'];
    expect((await place.run(args, { input: canaryPassword() })).code).toBe(1);
    expect((await place.run(['sessions'])).stdout).toContain(place.user.userId);
  });

  test('takes the password from a file, and whose account from the environment', async () => {
    const place = await placeIn(context);
    const { proxy, user, folder } = place;
    writeFileSync(join(folder, 'password'), `${user.password}\n`);
    const env = {
      HOMESERVER_URL: proxy.url,
      MATRIX_USERNAME: user.localpart,
      MATRIX_PASSWORD_FILE: 'password',
    };
    const ran = await place.run(['login', '--store', 'other.db', '--session', 'echo', '--json'], { env });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      already: false,
      userId: user.userId,
      store: 'other.db',
      session: 'echo',
      lines: { code: expect.arrayContaining([expect.stringContaining("sessionName: 'echo'")]) },
    });
    expect(existsSync(join(folder, 'bot.db'))).toBe(false);
  });

  test('does not give one user’s password to another, nor one user’s session', async () => {
    const place = await placeIn(context);
    const { proxy, user } = place;
    const other = await freshUser(place.homeserver);
    const env = { MATRIX_USERNAME: other.localpart, MATRIX_PASSWORD: other.password };
    const asked = await place.run(['login', proxy.url, '--user', user.localpart], { env });
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('there is no terminal to ask for the password in');
    expect(proxy.count(logins)).toBe(0);

    await place.login();
    const refused = await place.run(['login', proxy.url, '--user', other.localpart], { env });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`is ${user.userId}’s`);
    expect(proxy.count(logins)).toBe(1);
  });

  test('stores a token that exists already, with its refresh token', async () => {
    const place = await placeIn(context);
    const { homeserver, proxy, user } = place;
    const { tokens, deviceId } = await Person.signIn(homeserver.url, user, { refreshToken: true });
    const env = { ACCESS_TOKEN: tokens.access_token, MATRIX_REFRESH_TOKEN: tokens.refresh_token ?? '' };
    const ran = await place.run(['login', proxy.url, '--with', 'token'], { env });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain(`Signed in as ${user.userId} on device ${deviceId}.`);
    expect(ran.stdout).toContain('It renews itself.');
    const tried = await place.run(['doctor', proxy.url, '--store', 'bot.db', '--try']);
    expect(tried.stdout).toContain('A renewal was tried, and went well');
    expect(proxy.count(logins)).toBe(0);
  });
});

describeOnBoth('login, where it cannot', { accessTokenLifetimeMs: 300_000 }, (context) => {
  test('says why, and what to do', async () => {
    const place = await placeIn(context);
    const { proxy } = place;
    const run = (args: readonly string[]) => place.run(['login', ...args]);
    expect(await run([])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no homeserver is named'),
    });
    expect(await run(['#room:example.org'])).toMatchObject({ code: 2 });
    expect(await run([proxy.url])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no terminal to ask for the user name in'),
    });
    expect(await run([proxy.url, '--user', 'bot', '--password-stdin'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the standard input holds no password'),
    });
    expect(await run([proxy.url, '--with', 'token'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Set ACCESS_TOKEN'),
    });
    const token = (ACCESS_TOKEN: string) =>
      place.run(['login', proxy.url, '--with', 'token'], { env: { ACCESS_TOKEN } });
    expect(await token('mat_canary-at-of-element-0000000')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('such as one that was copied from Element'),
    });
    expect(await token('syr_canary-rt-of-synapse-0000000')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is a refresh token of Synapse'),
    });
    const body = '<!doctype html><title>Welcome</title>';
    const website = { kind: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body } as const;
    const injected = proxy.inject({ match: () => true, times: Number.POSITIVE_INFINITY, fault: website });
    expect(await run([proxy.url, '--user', 'bot'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no homeserver: 200, text\/html, "Welcome"[\s\S]*Set HOMESERVER_URL/),
    });
    injected.remove();
    const flows = { flows: [{ type: 'm.login.sso' }] };
    const fault = { kind: 'answer', status: 200, body: flows } as const;
    proxy.inject({ match: { method: 'GET', path: '/login' }, times: 1, fault });
    expect(await run([proxy.url, '--user', 'bot'])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('signs in with: single sign-on in a browser.'),
      stderr: expect.stringContaining('--with token'),
    });
    expect(proxy.count(logins)).toBe(0);
  });
});
