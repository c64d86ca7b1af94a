import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { homeserverFor, ours, runBot } from '../../docs/running-bot.ts';
import { projectWithPackage } from '../../support/packed-package.ts';
import { runCliProcess } from '../running.ts';

/** A slow machine is no failure: processes start processes here. */
const timeout = 120_000;
const main = join('node_modules/matrix-auth-machine', packageJson.bin['matrix-auth-machine']);

/** What `npm install` would fetch. */
let workshop: string;
beforeAll(async () => {
  workshop = await projectWithPackage([...Object.keys(packageJson.dependencies), 'xstate', 'matrix-js-sdk']);
}, 240_000);
afterAll(() => rm(workshop, { recursive: true, force: true }));

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-operation-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** What `init` writes, for this homeserver. */
async function written(homeserver: string): Promise<string> {
  const folder = await newFolder();
  const ran = await runCliProcess(['init', '.', '--no-install', '--name', 'echo'], { cwd: folder });
  expect(ran.code).toBe(0);
  const env = readFileSync(join(folder, '.env'), 'utf8');
  expect(env).toContain('HOMESERVER_URL=\n');
  // As an editor would do it.
  writeFileSync(join(folder, '.env'), env.replace('HOMESERVER_URL=', `HOMESERVER_URL=${homeserver}`));
  return folder;
}

/** The variables of an env file, as Docker and systemd read it. */
function variablesIn(path: string): Record<string, string> {
  const lines = readFileSync(path, 'utf8').split('\n');
  return Object.fromEntries(
    lines.filter((line) => /^\w+=/.test(line)).map((line) => line.split(/=(.*)/s, 2) as [string, string]),
  );
}

const PATH = `${dirname(process.execPath)}:/usr/bin:/bin`;

/** Signs in with the command line that the README has for that, and then runs the bot until it is told to end. */
async function signInAndRun(options: {
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly store: string;
  readonly password: string;
  readonly command: readonly string[];
}): Promise<void> {
  const { cwd, env, store, password, command } = options;
  const args = [main, 'login', '--store', store, '--user', 'bot', '--password-stdin'];
  const login = spawn(process.execPath, args, {
    cwd,
    env: { ...env, PATH },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  login.stdin.end(password);
  expect(await once(login, 'close')).toEqual([0, null]);
  const [file = '', ...rest] = command;
  const bot = runBot({ file, args: rest, cwd, env: { ...env, PATH, BOT_STORE: store } });
  await bot.says(/signed in as @bot:localhost/);
  bot.child.kill('SIGTERM');
  expect(await bot.ended).toEqual([0, null]);
  expect(bot.printed.stderr).not.toMatch(ours);
}

test('the Dockerfile’s steps, done by hand, are a bot that runs with its session in the volume', {
  timeout,
}, async () => {
  const { proxy, password } = await homeserverFor();
  const project = await written(proxy.url);
  const image = await newFolder();
  const volume = join(await newFolder(), 'data');
  const steps = readFileSync(join(project, 'Dockerfile'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/ (.*)/s, 2) as [string, string]);
  const env: Record<string, string> = {};
  let command: readonly string[] = [];
  for (const [instruction, what] of steps) {
    if (instruction === 'COPY') {
      const names = what.split(' ').slice(0, -1);
      for (const name of names.flatMap((pattern) => globSync(pattern, { cwd: project }))) {
        cpSync(join(project, name), join(image, name));
      }
    } else if (instruction === 'RUN' && what.startsWith('npm install')) {
      expect(readdirSync(image)).toContain('package.json');
      symlinkSync(join(workshop, 'node_modules'), join(image, 'node_modules'));
    } else if (instruction === 'RUN') {
      expect(what).toBe('install -d -m 700 -o node -g node /data');
      mkdirSync(volume, { mode: 0o700 });
    } else if (instruction === 'ENV') {
      const [name = '', value = ''] = what.split('=');
      env[name] = value.replace('/data', volume);
    } else if (instruction === 'CMD') command = JSON.parse(what) as string[];
    else expect(['FROM', 'WORKDIR', 'VOLUME', 'USER']).toContain(instruction);
  }
  // No setting and no session is in the image.
  expect(readdirSync(image).toSorted()).toEqual(['bot.ts', 'node_modules', 'package.json']);
  const { BOT_STORE: store = '', ...rest } = { ...env, ...variablesIn(join(project, '.env')) };
  await signInAndRun({ cwd: image, env: rest, store, password, command });
  expect(readdirSync(volume)).toContain('bot.db');
});

test('what the systemd unit starts is a bot that writes to its state directory alone', {
  timeout,
}, async () => {
  const { proxy, password } = await homeserverFor();
  const project = await written(proxy.url);
  symlinkSync(join(workshop, 'node_modules'), join(project, 'node_modules'));
  const unit = variablesIn(join(project, 'echo.service'));
  expect(unit).toMatchObject({
    WorkingDirectory: '/opt/echo',
    EnvironmentFile: '/opt/echo/.env',
    StateDirectory: 'echo',
    Environment: 'BOT_STORE=/var/lib/echo/bot.db',
  });
  const state = await newFolder();
  const files = () => readdirSync(project).toSorted();
  const before = files();
  await signInAndRun({
    cwd: project,
    env: variablesIn(join(project, '.env')),
    store: join(state, 'bot.db'),
    password,
    command: unit['ExecStart']?.split(' ') ?? [],
  });
  expect(files()).toEqual(before);
});

const analyze = spawnSync('systemd-analyze', ['--version']).status === 0;

describe.skipIf(!analyze)('systemd', () => {
  test('has nothing to say against the unit', { timeout }, async () => {
    const folder = await written('https://matrix.example.org');
    chmodSync(join(folder, 'echo.service'), 0o644);
    const { status, stdout, stderr } = spawnSync(
      'systemd-analyze',
      ['verify', '--man=no', join(folder, 'echo.service')],
      { encoding: 'utf8' },
    );
    expect({
      status,
      told: `${stdout}${stderr}`.split('\n').filter((line) => line.includes('echo.service')),
    }).toEqual({
      status: 0,
      told: [],
    });
  });
});
