/** How much work is done to see how long it takes, in ms of a core. */
const WORK_MS = 100;
/** Up to this many times longer than with a core for oneself, the tests' tokens live long enough. */
const FAST_ENOUGH = 2;
const AT_MOST = 4;

/**
 * How many times longer tokens have to live in a test because this machine is so busy now, from 1 to 4. A token that dies
 * before its first request arrives tells nothing.
 */
export function slowness(): number {
  const begun = performance.now();
  const before = process.cpuUsage();
  let workedMs = 0;
  while (workedMs < WORK_MS) {
    const { user, system } = process.cpuUsage(before);
    workedMs = (user + system) / 1_000;
  }
  const timesLonger = (performance.now() - begun) / workedMs;
  return Math.min(AT_MOST, Math.max(1, timesLonger / FAST_ENOUGH));
}
