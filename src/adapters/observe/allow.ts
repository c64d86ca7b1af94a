import {
  advice,
  type AuthTag,
  authMachine,
  type Endpoint,
  type FailureReason,
  type Meaning,
  rejections,
  type Warning,
} from '../../machines/index.ts';
import { statesOf, transitionsOf } from '../../machines/structure.ts';
import type { Fact, FrameOutcome, FrameState } from './frame.ts';

/** Says whether a value is one of these; nothing else passes, whatever it is. */
function listed<T extends string>(values: Iterable<T>): (value: unknown) => T | undefined {
  const known = new Set<unknown>(values);
  return (value) => (known.has(value) ? (value as T) : undefined);
}

export const stateOf = listed(Object.keys(authMachine.states) as FrameState[]);
export const reasonOf = listed(Object.keys(advice) as FailureReason[]);
export const meaningIn = listed<Meaning>(rejections.map(({ meaning }) => meaning));
export const endpointOf = listed<Endpoint>(['login', 'refresh', 'whoami', 'other']);
export const tagOf = listed<AuthTag>(['usable', 'live', 'busy', 'needs-person']);
export const warningOf = listed<Warning['kind']>(['refresh-refused', 'refresh-unsupported', 'breaker']);
export const factOf = listed<Fact>([
  'refreshed',
  'logged-in',
  'adopted',
  'device-changed',
  'locked',
  'failed',
  'warning',
]);
export const outcomeOf = listed<FrameOutcome>([
  'restored',
  'empty',
  'unusable',
  'renewed',
  'adopted',
  'identified',
  'someone-else',
  'connected',
  'refused',
  'trouble',
]);

/** The machine's own events, by the names that readers know them by. */
const eventNames = new Map(
  transitionsOf(authMachine).map(({ eventType, event }): [string, string] => [eventType, event]),
);

export function eventOf(type: unknown): string {
  if (type === 'xstate.init') return 'start';
  return eventNames.get(String(type)) ?? 'other';
}

/** The names of all states, nested ones included: a `detail` is made of these and of nothing else. */
const stateNames = new Set(statesOf(authMachine).map(({ key }) => key));

export function detailOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 200) return undefined;
  return value.split('.').every((name) => stateNames.has(name)) ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A string of this form. */
export function matching(value: unknown, form: RegExp): string | undefined {
  return typeof value === 'string' && form.test(value) ? value : undefined;
}
