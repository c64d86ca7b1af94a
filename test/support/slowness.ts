/** How much work is done to see how long it takes, in ms of a core. */
const WORK_MS = 50;
/** Up to this many times longer than with a core for oneself, the tests' tokens live long enough. */
const FAST_ENOUGH = 2;
const AT_MOST = 4;

/**
 * How long a token lives in a test that is to live this long, in ms: up to four times as long where this machine is so
 * busy that requests take their time. A token that dies before its first request arrives tells nothing.
 */
export function lengthened(lifetimeMs: number): number {
  slowness ??= measured();
  return Math.round(lifetimeMs * slowness);
}

/** Of this process, from 1 to 4. */
let slowness: number | undefined;

function measured(): number {
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
