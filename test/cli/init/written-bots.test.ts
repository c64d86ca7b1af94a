import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { authPathPlans } from '../../../src/testing/index.ts';
import { root } from '../../../tools/root.ts';
import { rounds } from '../../support/long.ts';
import { projectWithPackage } from '../../support/packed-package.ts';
import { answers, homeserverFor, noticesIn, ours, patience, runBot } from '../../docs/running-bot.ts';
import { runNode } from '../cli.ts';

/** A slow machine is no failure: processes start processes here. */
const limits = { timeout: 600_000 };

let workshop: string;

/** What a bot in a folder below it finds installed. */
beforeAll(async () => {
  const installed = ['xstate', 'matrix-js-sdk', 'matrix-bot-sdk', 'typescript', '@types/node'];
  workshop = await projectWithPackage([...Object.keys(packageJson.dependencies), ...installed]);
}, 240_000);

afterAll(() => rm(workshop, { recursive: true, force: true }));

const some = [
  { sdk: 'matrix-js-sdk', language: 'typescript' },
  { sdk: 'matrix-bot-sdk', language: 'javascript' },
];
const others = [
  { sdk: 'matrix-js-sdk', language: 'javascript' },
  { sdk: 'matrix-bot-sdk', language: 'typescript' },
];

const bots = rounds({ short: some, long: [...some, ...others] });

describe.each(bots)('what init writes for $sdk in $language', ({ sdk, language }) => {
  let project: string;

  beforeAll(async () => {
    project = join(workshop, `${sdk}-${language}`);
    const main = join(workshop, 'node_modules/matrix-auth-machine', packageJson.bin['matrix-auth-machine']);
    const more = language === 'javascript' ? ['--javascript'] : [];
    const args = ['init', project, '--no-install', '--sdk', sdk, '--name', 'echo', ...more];
    const written = await runNode(workshop, [main, ...args]);
    if (written.code !== 0) throw new Error(written.stderr);
    await symlink(join(workshop, 'node_modules'), join(project, 'node_modules'));
  }, limits.timeout);

  if (language === 'typescript') {
    test('has no error of types', limits, async () => {
      const tsc = join(root, 'node_modules/typescript/bin/tsc');
      expect(await runNode(project, [tsc])).toEqual({
        code: 0,
        stdout: '',
        stderr: '',
      });
    });
  }

  test('is signed in by its own scripts, and answers across the expiry of its token', limits, async () => {
    const { proxy, password, carol } = await homeserverFor({ accessTokenLifetimeMs: 2_000 });
    const { scripts } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as {
      scripts: Readonly<Record<string, string>>;
    };
    const { ACCESS_TOKEN: _, ...inherited } = process.env;
    const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`;
    const store = join(project, `${proxy.url.replace(/\D/g, '')}.db`);
    const env = { ...inherited, PATH, HOMESERVER_URL: proxy.url, BOT_STORE: store };
    const shell = (line: string) => ({ file: 'sh', args: ['-c', `exec ${line}`], cwd: project, env });
    const login = spawn('sh', ['-c', `${scripts['login']} --store ${store} --user bot --password-stdin`], {
      cwd: project,
      env,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    login.stdin.end(password);
    expect(await once(login, 'close')).toEqual([0, null]);

    const running = runBot(shell(scripts['start'] ?? ''));
    await running.says(/signed in as @bot:localhost/);
    const room = await carol.createRoom(['@bot:localhost']);
    await proxy.waitFor({ method: 'POST', path: /\/join/ }, patience);
    await carol.say(room, 'one');
    await answers(proxy, 1);
    await proxy.waitFor({ path: '/refresh' }, { ...patience, count: 3 });
    await carol.say(room, 'two');
    await answers(proxy, 2);
    running.child.kill('SIGTERM');
    expect(await running.ended).toEqual([0, null]);
    expect(running.printed.stderr).not.toMatch(ours);
    expect(await noticesIn(proxy.url, room, carol.tokens.access_token)).toEqual([
      'You said: one',
      'You said: two',
    ]);
    expect(proxy.count({ path: '/login', method: 'POST' })).toBe(1);
  });

  test('has a test that it passes', limits, async () => {
    const names = authPathPlans.slice(0, rounds({ short: 1, long: 12 })).map(({ name }) => name);
    const pattern = names.map((name) => name.replace(/[()]/g, '\\$&')).join('|');
    const ran = await runNode(project, ['--test', '--test-name-pattern', pattern]);
    expect(ran.stdout).toMatch(new RegExp(`pass ${names.length}\\b`));
    expect(ran.code).toBe(0);
  });
});
