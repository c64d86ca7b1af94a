import {
  advice,
  type AuthTag,
  authMachine,
  statePath,
  type Endpoint,
  type FailureReason,
  type Meaning,
  rejections,
  type Warning,
} from '../machines/auth/index.ts';
import { eventNamesOf, statesOf } from '../statechart/structure.ts';
import type { Fact, FrameOutcome } from './frame.ts';
import type { AuthState } from './snapshot.ts';

/** Returns a value only if it is one of these. */
function listed<T extends string>(values: Iterable<T>): (value: unknown) => T | undefined {
  const known = new Set<unknown>(values);
  return (value) => (known.has(value) ? (value as T) : undefined);
}

/** All members of a type; one that is added to the type, and not here, does not compile. */
function allOf<T extends string>(members: Readonly<Record<T, true>>): T[] {
  return Object.keys(members) as T[];
}

export const facts = allOf<Fact>({
  refreshed: true,
  'logged-in': true,
  adopted: true,
  'device-changed': true,
  locked: true,
  failed: true,
  warning: true,
});
export const warningKinds = allOf<Warning['kind']>({
  'refresh-refused': true,
  'refresh-unsupported': true,
  'login-refused': true,
  breaker: true,
  unpersisted: true,
  'lifetime-implausible': true,
  'given-token-refused': true,
  'given-token-of-another-user': true,
});

export const stateOf = listed(Object.keys(authMachine.states) as AuthState[]);
export const reasonOf = listed(Object.keys(advice) as FailureReason[]);
export const factOf = listed(facts);
export const warningOf = listed(warningKinds);
export const meaningIn = listed<Meaning>(rejections.map(({ meaning }) => meaning));
export const endpointOf = listed(allOf<Endpoint>({ login: true, refresh: true, whoami: true, other: true }));
export const tagOf = listed(
  allOf<AuthTag>({
    usable: true,
    live: true,
    busy: true,
    authorizing: true,
    'needs-person': true,
  }),
);
export const outcomeOf = listed(
  allOf<FrameOutcome>({
    restored: true,
    empty: true,
    unusable: true,
    renewed: true,
    adopted: true,
    identified: true,
    'someone-else': true,
    connected: true,
    refused: true,
    trouble: true,
  }),
);

/** The machine's own events, by the names that readers know them by. */
const eventNames = eventNamesOf(authMachine);

export function eventOf(type: unknown): string {
  if (type === 'xstate.init') return 'start';
  return typeof type === 'string' ? (eventNames.get(type) ?? 'other') : 'other';
}

/** The names of all states, nested ones included: a `detail` is made of these and of nothing else. */
const stateNames = new Set(statesOf(authMachine).map(({ key }) => key));

/** The state value as a path, if it is one of the machine's. */
export function detailOf(value: unknown): string | undefined {
  const detail = statePath(value);
  return detail.split('.').every((name) => stateNames.has(name)) ? detail : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A string of this form. */
export function matching(value: unknown, form: RegExp): string | undefined {
  return typeof value === 'string' && form.test(value) ? value : undefined;
}
