/**
 * Does something at a time of our choice: guards ask `Date.now()`, and cannot be told the time in another way. What is
 * done has to be synchronous, so that nobody else is ever told that time.
 */
export function at<T>(now: number, work: () => T): T {
  const { now: real } = Date;
  Date.now = () => now;
  try {
    return work();
  } finally {
    Date.now = real;
  }
}
