import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { startTestHomeserver } from '../../../src/testing/index.ts';
import { canaryPassword } from '../../support/both.ts';
import { type CliOptions, runCliProcess } from '../running.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-init-'));
  const made = folder;
  return () => rm(made, { recursive: true });
});

const init = (args: readonly string[], options: CliOptions = {}) =>
  runCliProcess(['init', ...args], { cwd: folder, ...options });
const read = (...path: readonly string[]) => readFileSync(join(folder, ...path), 'utf8');

describe('init', () => {
  test('writes a bot into a new folder, and says what to run', async () => {
    const ran = await init(['Echo Bot', '--no-install']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(join(folder, 'Echo Bot')).toSorted()).toEqual([
      '.dockerignore',
      '.env',
      '.gitignore',
      'Dockerfile',
      'README.md',
      'bot.test.ts',
      'bot.ts',
      'echo-bot.service',
      'package.json',
      'tsconfig.json',
    ]);
    expect(JSON.parse(read('Echo Bot', 'package.json'))).toMatchObject({
      name: 'echo-bot',
      dependencies: {
        'matrix-auth-machine': `^${packageJson.version}`,
        xstate: packageJson.peerDependencies.xstate,
      },
    });
    expect(ran.stdout).toMatch(
      /^Now run:\n {2}cd "Echo Bot"\n {2}npm install\n {2}npm run login .*\n {2}npm start\n$/m,
    );
  });

  test('writes JavaScript, with another SDK and name, into this folder, beside a repository', async () => {
    mkdirSync(join(folder, '.git'));
    const args = ['--no-install', '--javascript', '--sdk', 'matrix-bot-sdk', '--name', 'echo', '--json'];
    const ran = await init(args);
    const { files, next } = JSON.parse(ran.stdout) as { files: string[]; next: string[] };
    expect(files).toContain('echo.service');
    expect(files.toSorted()).toEqual(
      readdirSync(folder)
        .filter((name) => name !== '.git')
        .toSorted(),
    );
    expect(next.at(-1)).toBe('npm start');
    expect(files).not.toContain('tsconfig.json');
    expect(read('package.json')).toContain('"matrix-bot-sdk"');
    expect(read('package.json')).not.toMatch(/matrix-js-sdk|typescript/);
  });

  test('writes nothing where something is, or where the name cannot be used', async () => {
    writeFileSync(join(folder, 'bot.ts'), '// mine\n');
    const full = await init([]);
    expect(full.code).toBe(2);
    expect(full.stderr).toContain('this folder is not empty (bot.ts)');
    expect(read('bot.ts')).toBe('// mine\n');
    const named = await init(['new', '--name', 'Not A Name']);
    expect(named.code).toBe(2);
    expect(existsSync(join(folder, 'new'))).toBe(false);
    expect((await init(['bot.ts'])).code).toBe(2);
    const away = await init(['new', '--server', 'http://127.0.0.1:1']);
    expect(away.code).toBe(2);
    expect(existsSync(join(folder, 'new'))).toBe(false);
  });

  test('installs what the bot needs, and keeps the bot where that fails', async () => {
    const npm = join(folder, 'npm');
    const PATH = `${folder}:${process.env['PATH']}`;
    writeFileSync(npm, '#!/bin/sh\necho "npm $* in $(basename "$PWD")"\n', { mode: 0o755 });
    const good = await init(['good'], { env: { PATH } });
    expect(good.code).toBe(0);
    expect(good.stderr).toBe('npm install --no-audit --no-fund in good\n');
    expect(good.stdout).toMatch(/^Now run:\n {2}cd good\n {2}npm run login/m);
    writeFileSync(npm, '#!/bin/sh\nexit 1\n');
    const failed = await init(['failed'], { env: { PATH } });
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('The bot is written, and npm install has failed. Run it in failed');
    expect(existsSync(join(folder, 'failed', 'bot.ts'))).toBe(true);
  });

  test('signs in by the command that it has installed, and with what OAuth 2.0 takes', async () => {
    const homeserver = await startTestHomeserver({ oauth: {} });
    onTestFinished(() => homeserver.stop());
    const main = 'node_modules/matrix-auth-machine/dist/cli/main.js';
    const code = `console.log(process.argv.slice(2).join(' ')); process.exit(Number(process.env.CODE));`;
    writeFileSync(join(folder, 'npm'), `#!/bin/sh\nmkdir -p $(dirname ${main})\necho "${code}" > ${main}\n`, {
      mode: 0o755,
    });
    const env = (CODE: string) => ({ PATH: `${folder}:${process.env['PATH']}`, CODE });
    const args = ['--server', homeserver.url, '--user', 'echo', '--password-stdin'];
    const good = await init(['good', ...args], { env: env('0') });
    expect(good.stdout).toContain(`login ${homeserver.url} --brief --user echo --password-stdin\n`);
    expect(good.code).toBe(0);
    expect(read('good', 'package.json')).toContain('"oauth4webapi"');
    const refused = await init(['refused', ...args], { env: env('1') });
    expect(refused.stderr).toContain('The bot is written, and not signed in. Then: npm run login.');
    expect(refused.code).toBe(1);
    expect((await init(['interrupted', ...args], { env: env('130') })).code).toBe(130);
  });

  test('signs in at once where a homeserver is named, and keeps the bot where that is refused', async () => {
    const homeserver = await startTestHomeserver();
    onTestFinished(() => homeserver.stop());
    const password = canaryPassword();
    homeserver.createUser('echo', password);
    const args = ['--no-install', '--server', homeserver.url, '--user', 'echo', '--password-stdin'];
    const good = await init(['good', ...args], { input: password });
    expect(good).toMatchObject({ code: 0, stderr: '' });
    expect(good.stdout).toMatch(/^Signed in as @echo:localhost on device MAM/m);
    expect(good.stdout).toMatch(/^Now run:\n {2}cd good\n {2}npm install\n {2}npm start\n$/m);
    expect(read('good', '.env')).toContain(`HOMESERVER_URL=${homeserver.url}\n`);
    expect(existsSync(join(folder, 'good', 'bot.db'))).toBe(true);

    const refused = await init(['refused', ...args], { input: canaryPassword() });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /^error: The bot is written, and not signed in: .*refused.*npm run login/s,
    );
    expect(existsSync(join(folder, 'refused', 'bot.ts'))).toBe(true);
    for (const { stdout, stderr } of [good, refused]) expect(stdout + stderr).not.toContain(password);
  });
});
