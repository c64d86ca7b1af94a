import { advice, type Endpoint, type FailureReason, type Warning } from '../../machines/index.ts';

/** An attribute may be one of these and nothing else, so that no measurement carries what was not meant to be seen. */
function listed<T extends string>(values: readonly T[]): (value: unknown) => T | 'unknown' {
  const known = new Set<unknown>(values);
  return (value) => (known.has(value) ? (value as T) : 'unknown');
}

/** All members of a type; one that is added to it, and not here, does not compile. */
function allOf<T extends string>(members: Readonly<Record<T, true>>): T[] {
  return Object.keys(members) as T[];
}

export const endpointOf = listed(allOf<Endpoint>({ login: true, refresh: true, whoami: true, other: true }));
export const reasons = Object.keys(advice) as FailureReason[];
export const reasonOf = listed(reasons);
export const warnings = allOf<Warning['kind']>({
  'refresh-refused': true,
  'refresh-unsupported': true,
  'login-refused': true,
  breaker: true,
  unpersisted: true,
});
export const warningOf = listed(warnings);

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
