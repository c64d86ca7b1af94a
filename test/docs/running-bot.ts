import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import {
  type FaultProxy,
  startFaultProxy,
  startTestHomeserver,
  type TestHomeserver,
} from '../../src/testing/index.ts';
import { canaryPassword } from '../support/both.ts';
import { Person } from '../support/rest.ts';

/** A slow machine is no failure. */
export const patience = { timeoutMs: 50_000 };

/** What this package or Node would have to say of an end that is not clean. */
export const ours = /matrix-auth-machine:|AuthStoppedError|uncaught|unhandled|Node\.js v/i;

/** A command line of a reader, and where it is typed in. */
export interface Shell {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export async function homeserverFor(options: Parameters<typeof startTestHomeserver>[0] = {}): Promise<{
  homeserver: TestHomeserver;
  proxy: FaultProxy;
  password: string;
  carol: Awaited<ReturnType<typeof Person.signIn>>;
}> {
  const [bot, carol] = ['bot', 'carol'].map((localpart) => ({ localpart, password: canaryPassword() }));
  if (bot === undefined || carol === undefined) throw new Error('There are two accounts.');
  const homeserver = await startTestHomeserver({ ...options, users: [bot, carol] });
  onTestFinished(() => homeserver.stop());
  const proxy = await startFaultProxy({ target: homeserver.url });
  onTestFinished(() => proxy.stop());
  return { homeserver, proxy, password: bot.password, carol: await Person.signIn(homeserver.url, carol) };
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly printed: { readonly stdout: string; readonly stderr: string };
  /** Resolves when what it has printed holds this. */
  says(pattern: RegExp): Promise<void>;
}

/** Runs a bot until the test is over. */
export function runBot({ file, args, cwd, env }: Shell): Running {
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const printed = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text;
      for (const watcher of watchers) watcher();
    });
  }
  return {
    child,
    ended: once(child, 'close'),
    printed,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => pattern.test(printed.stdout + printed.stderr) && resolve();
        watchers.add(look);
        look();
        child.on('close', () => {
          reject(new Error(`It ended without saying ${String(pattern)}: ${printed.stdout}${printed.stderr}`));
        });
      }),
  };
}

/** Resolves when the homeserver has taken so many answers. */
export function answers(proxy: FaultProxy, count: number) {
  return proxy.waitFor(
    ({ method, path, status }) =>
      method === 'PUT' && path.includes('/send/m.room.message/') && status === 200,
    { ...patience, count },
  );
}

export async function noticesIn(url: string, roomId: string, token: string): Promise<string[]> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=50`;
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const { chunk } = (await response.json()) as { chunk: { content: { msgtype?: string; body: string } }[] };
  return chunk
    .filter(({ content }) => content.msgtype === 'm.notice')
    .map(({ content }) => content.body)
    .toReversed();
}
