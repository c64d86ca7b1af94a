import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs `work` while holding an exclusive lock on `file`, across processes. The lock is the kernel's, held by a
 * `flock` that lives on a pipe from this process: it is released when the work ends and when this process dies.
 */
export async function withLock<T>(file: string, waitAtMostMs: number, work: () => Promise<T>): Promise<T> {
  const wait = String(Math.ceil(waitAtMostMs / 1000));
  const holder = spawn('flock', ['-x', '-w', wait, file, 'sh', '-c', 'echo locked; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(holder, 'close');
  const first = await Promise.race([once(holder.stdout, 'data'), ended]);
  if (!Buffer.isBuffer(first[0])) {
    throw new Error(`Could not lock ${file} within ${waitAtMostMs} ms: another process holds it.`);
  }
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
