import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withLock } from './lock.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('lets one at a time work, also after one has failed', async () => {
  let working = 0;
  const work = async () => {
    working += 1;
    expect(working).toBe(1);
    await new Promise(setImmediate);
    working -= 1;
    throw new Error('failed');
  };
  const results = await Promise.allSettled([1, 2, 3].map(() => withLock(file, 10_000, work)));
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(results).toEqual(results.map(() => ({ status: 'rejected', reason: new Error('failed') })));
});

it('gives up after the wait, and is free when its holder is killed', async () => {
  const holder = spawn(
    process.execPath,
    [
      '-e',
      `import(process.argv[1]).then(({ withLock }) => withLock(process.argv[2], 10000, () => {
        console.log('held');
        return new Promise(() => setInterval(() => {}, 1000));
      }))`,
      new URL('lock.ts', import.meta.url).href,
      file,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(holder.stdout, 'data');
  await expect(withLock(file, 1, async () => 'got it')).rejects.toThrow('another process holds it');
  holder.kill('SIGKILL');
  expect(await withLock(file, 10_000, async () => 'got it')).toBe('got it');
});
