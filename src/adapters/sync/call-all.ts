/**
 * Calls each, also after one has thrown. The result is a promise only if one of them has returned a promise.
 * @throws what one has thrown, or an `AggregateError`
 */
export function callAll(functions: readonly (() => unknown)[]): Promise<void> | undefined {
  const pending: Promise<unknown>[] = [];
  const errors: unknown[] = [];
  for (const one of functions) {
    try {
      const result = one();
      if (isPromise(result)) pending.push(Promise.resolve(result));
    } catch (error) {
      errors.push(error);
    }
  }
  if (pending.length > 0)
    return Promise.allSettled(pending).then((done) => throwAll([...errors, ...reasonsOf(done)]));
  throwAll(errors);
  return undefined;
}

function reasonsOf(done: readonly PromiseSettledResult<unknown>[]): unknown[] {
  return done.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
}

function throwAll(errors: readonly unknown[]): void {
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, 'Several listeners have thrown.');
}

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
}
