import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Where a process that does nothing takes no longer than this to start and end, in ms, the tests' tokens live long enough. */
const START_MS = 300;
const AT_MOST = 3;

/**
 * How many times longer tokens have to live in a test because this machine is so busy now, from 1 to 3. A token that dies
 * before its first request arrives tells nothing.
 */
export async function slowness(): Promise<number> {
  let shortestMs = Number.POSITIVE_INFINITY;
  for (let time = 0; time < 3; time += 1) {
    const begun = performance.now();
    await promisify(execFile)(process.execPath, ['--eval', '0']);
    shortestMs = Math.min(shortestMs, performance.now() - begun);
  }
  return Math.min(AT_MOST, Math.max(1, shortestMs / START_MS));
}
