/** The longest a timer sleeps before it looks at the wall clock again. */
const LONGEST_SLEEP_MS = 60_000;

interface Timer {
  handle: ReturnType<typeof setTimeout>;
}

/**
 * A clock for `createActor(machine, { clock })`. Ordinary timers do not count the time that a machine was suspended;
 * these are due when the wall clock or the time awake says so, whichever comes first, at the latest a minute after waking.
 * They also bear waits of any length.
 */
export const wallClock = {
  setTimeout(fn: (...args: unknown[]) => void, timeoutMs: number): Timer {
    const wallEnd = Date.now() + timeoutMs;
    const awakeEnd = performance.now() + timeoutMs;
    const remainingMs = () => Math.min(wallEnd - Date.now(), awakeEnd - performance.now());
    const sleep = (): ReturnType<typeof setTimeout> =>
      setTimeout(
        () => {
          if (remainingMs() <= 0) fn();
          else timer.handle = sleep();
        },
        Math.min(LONGEST_SLEEP_MS, Math.max(0, Math.ceil(remainingMs()))),
      );
    const timer: Timer = { handle: sleep() };
    return timer;
  },
  clearTimeout(timer: Timer | undefined): void {
    clearTimeout(timer?.handle);
  },
};
