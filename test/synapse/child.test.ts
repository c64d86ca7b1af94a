import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { spawnGuarded } from './child.ts';

const SERVER = ['sh', '-c', 'echo $$ >pid; exec sleep 600'] as const;
const PATH = { PATH: process.env['PATH'] ?? '' };

function isAlive(pid: number): boolean {
  try {
    // A zombie that nobody has reaped yet is dead.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function pidIn(folder: string): Promise<number> {
  return await vi.waitFor(() => {
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    if (!(pid > 0)) throw new Error('no pid yet');
    return pid;
  }, 30_000);
}

it('stops the server and removes its folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'guarded-'));
  const child = spawnGuarded(folder, SERVER[0], SERVER.slice(1), { env: PATH, logFile: join(folder, 'log') });
  const pid = await pidIn(folder);
  expect([child.ended(), isAlive(pid)]).toEqual([false, true]);
  await child.stop();
  expect([child.ended(), isAlive(pid), existsSync(folder)]).toEqual([true, false, false]);
});

it('the server does not outlive a parent that is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'guarded-'));
  const parent = spawn(
    process.execPath,
    [
      '-e',
      `import(process.argv[1]).then(({ spawnGuarded }) => spawnGuarded(process.argv[2], process.argv[3],
        process.argv.slice(4), { env: { PATH: process.env.PATH }, logFile: process.argv[2] + '/log' }))`,
      new URL('child.ts', import.meta.url).href,
      folder,
      ...SERVER,
    ],
    { stdio: 'ignore' },
  );
  onTestFinished(() => void parent.kill('SIGKILL'));
  const pid = await pidIn(folder);
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  await vi.waitFor(() => expect([isAlive(pid), existsSync(folder)]).toEqual([false, false]), 10_000);
});

it('a server that ends by itself leaves its log to be read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'guarded-'));
  const logFile = join(folder, 'log');
  const child = spawnGuarded(folder, 'sh', ['-c', 'echo it broke; exit 3'], { env: PATH, logFile });
  await vi.waitFor(() => expect(child.ended()).toBe(true), 10_000);
  expect(readFileSync(logFile, 'utf8')).toBe('it broke\n');
  await child.stop();
  expect(existsSync(folder)).toBe(false);
});
