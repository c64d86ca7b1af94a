import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FaultProxy } from '../../src/testing/index.ts';
import { root } from '../../tools/root.ts';
import { canaryPassword } from '../support/both.ts';
import { packedPackage } from '../support/packed-package.ts';
import {
  answers,
  homeserverFor,
  noticesIn,
  ours,
  patience,
  type Running,
  runBot,
  type Shell,
} from './running-bot.ts';
import { lengthened } from '../support/slowness.ts';

const versions = {
  22: join(root, 'node_modules/node-22/bin/node'),
  24: join(root, 'node_modules/node/bin/node'),
};

/** What the README has the reader type, in its order. */
const readme = await readFile(join(root, 'README.md'), 'utf8');
const [, install = ''] = /```sh\n(npm install .*)\n```/.exec(readme) ?? [];
const [, file = ''] = /^Save this as `(\S+)`:$/m.exec(readme) ?? [];
const [, code = ''] = /<!-- example:bot -->\n```js\n(.*?)```/s.exec(readme) ?? [];
const [, settings = '', command = ''] = /```sh\n((?:[A-Z_]+=\S+ )+)(node .*)\n```/.exec(readme) ?? [];

let project: string;

/** The shell of a reader who has this Node and no variable of ours. */
function shell(node: string, line: string, variables: Readonly<Record<string, string>> = {}): Shell {
  const { ACCESS_TOKEN: _, ...inherited } = process.env;
  const PATH = [dirname(node), process.env['PATH']].join(delimiter);
  return { file: 'sh', args: ['-c', line], cwd: project, env: { ...inherited, PATH, ...variables } };
}

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-reader-'));
  const line = `${install.replace('matrix-auth-machine', await packedPackage())} --prefer-offline --no-audit --no-fund`;
  const { file: sh, args, cwd, env } = shell(versions[22], line);
  await promisify(execFile)(sh, args, { cwd, env });
  await writeFile(join(project, file), code);
}, 240_000);

afterAll(() => rm(project, { recursive: true, force: true }));

describe.each(Object.entries(versions))('the bot of the README, typed in and run on Node %s', (_, node) => {
  test('joins where it is invited, answers across the expiry of its token, and ends on SIGTERM', async () => {
    const { proxy, password, carol } = await homeserverFor({ accessTokenLifetimeMs: lengthened(2_000) });
    const bot = run(node, proxy, password);
    await proxy.waitFor({ path: /\/sync/ }, patience);
    const room = await carol.createRoom(['@bot:localhost']);
    await proxy.waitFor({ method: 'POST', path: /\/join/ }, patience);
    await carol.say(room, 'one');
    await answers(proxy, 1);
    // The second refresh comes after the first token's end.
    await proxy.waitFor({ path: '/refresh' }, { ...patience, count: 2 });
    await carol.say(room, 'two');
    await answers(proxy, 2);
    bot.child.kill('SIGTERM');
    expect(await bot.ended).toEqual([0, null]);
    expect(bot.printed.stderr).not.toMatch(ours);
    expect(await noticesIn(proxy.url, room, carol.tokens.access_token)).toEqual([
      'You said: one',
      'You said: two',
    ]);
    expect(proxy.requests.filter(({ status }) => status === 401)).toEqual([]);
    expect(proxy.count({ path: '/login' })).toBe(1);
  });

  test('ends on SIGINT while it starts', async () => {
    const { proxy, password } = await homeserverFor();
    proxy.inject({ match: { path: '/sync' }, fault: { kind: 'hang' } });
    const bot = run(node, proxy, password);
    await proxy.waitFor({ path: /\/sync/ }, { ...patience, phase: 'start' });
    bot.child.kill('SIGINT');
    expect(await bot.ended).toEqual([0, null]);
    expect(bot.printed.stderr).not.toMatch(ours);
  });

  test('says what to do about a wrong password, and stays up without trying again', async () => {
    const { proxy } = await homeserverFor();
    const wrong = canaryPassword();
    const bot = run(node, proxy, wrong);
    await bot.says(/MATRIX_PASSWORD/);
    // A process that has nothing to wait for ends sooner than others start and end.
    for (let time = 0; time < 3; time += 1) await promisify(execFile)(node, ['--eval', '0']);
    expect(bot.child.exitCode).toBeNull();
    bot.child.kill('SIGINT');
    expect(await bot.ended).toEqual([0, null]);
    expect(bot.printed.stderr).not.toContain(wrong);
    expect(bot.printed.stderr).not.toContain('    at ');
    expect(proxy.count({ path: '/login', method: 'POST' })).toBe(1);
  });

  test.each([
    ['nothing', {}, 'CredentialsError: There is nothing to sign in with. Set ACCESS_TOKEN, or'],
    ['no password', { MATRIX_USERNAME: 'bot' }, 'CredentialsError: .* MATRIX_PASSWORD is missing. Set it'],
    ['no address', { ACCESS_TOKEN: 'given' }, 'HomeserverAddressError: .* Set HOMESERVER_URL'],
    [
      'half an address',
      { ACCESS_TOKEN: 'given', HOMESERVER_URL: 'https://' },
      'HomeserverAddressError: .* Give its base URL',
    ],
  ])('given %s, ends with one sentence about it', async (_given, variables, sentence) => {
    const bot = runBot(shell(node, `exec ${command}`, variables));
    expect(await bot.ended).toEqual([1, null]);
    expect(bot.printed.stderr).toMatch(new RegExp(sentence));
    expect(bot.printed.stderr).not.toMatch(/^ +at /m);
    expect(bot.printed.stderr).not.toContain('node_modules');
  });
});

/** Runs the command of the README with the values of this homeserver in the place of the example's. */
function run(node: string, proxy: FaultProxy, password: string): Running {
  const values: Readonly<Record<string, string>> = { HOMESERVER_URL: proxy.url, MATRIX_PASSWORD: password };
  const variables = Object.fromEntries(
    settings
      .trim()
      .split(' ')
      .map((setting) => setting.split('='))
      .map(([name = '', value = '']) => [name, values[name] ?? value]),
  );
  // Signals are for the bot, not for the shell.
  return runBot(shell(node, `exec ${command}`, variables));
}
