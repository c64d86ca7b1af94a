import { advice, type Endpoint, type FailureReason, type Warning } from '../../machines/index.ts';

/** An attribute may be one of these and nothing else, so that no measurement carries what was not meant to be seen. */
function listed<T extends string>(values: readonly T[]): (value: unknown) => T | 'unknown' {
  const known = new Set<unknown>(values);
  return (value) => (known.has(value) ? (value as T) : 'unknown');
}

export const endpointOf = listed<Endpoint>(['login', 'refresh', 'whoami', 'other']);
export const reasonOf = listed(Object.keys(advice) as FailureReason[]);
export const warningOf = listed<Warning['kind']>(['refresh-refused', 'refresh-unsupported', 'breaker']);

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
