/** The outcome of the promise, if it comes in time. @throws Error with these words if it does not. */
export function within<T>(promise: Promise<T>, ms: number, words: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(words)), ms);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
