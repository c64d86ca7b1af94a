import {
  advice,
  type AuthTag,
  authMachine,
  detailOf as pathOf,
  type Endpoint,
  type FailureReason,
  type Meaning,
  rejections,
  type Warning,
} from '../machines/index.ts';
import { statesOf, transitionsOf } from '../statechart/structure.ts';
import type { Fact, FrameOutcome, FrameState } from './frame.ts';
import { topOf } from './state-value.ts';

/** Says whether a value is one of these; nothing else passes, whatever it is. */
function listed<T extends string>(values: Iterable<T>): (value: unknown) => T | undefined {
  const known = new Set<unknown>(values);
  return (value) => (known.has(value) ? (value as T) : undefined);
}

/** All members of a type; one that is added to it, and not here, does not compile. */
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

export const stateOf = listed(Object.keys(authMachine.states) as FrameState[]);
export const reasonOf = listed(Object.keys(advice) as FailureReason[]);
export const meaningIn = listed<Meaning>(rejections.map(({ meaning }) => meaning));
export const endpointOf = listed(allOf<Endpoint>({ login: true, refresh: true, whoami: true, other: true }));
export const tagOf = listed(allOf<AuthTag>({ usable: true, live: true, busy: true, 'needs-person': true }));
export const factOf = listed(facts);
export const warningOf = listed(
  allOf<Warning['kind']>({
    'refresh-refused': true,
    'refresh-unsupported': true,
    'login-refused': true,
    breaker: true,
    unpersisted: true,
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
let eventNames: ReadonlyMap<unknown, string> | undefined;

export function eventOf(type: unknown): string {
  if (type === 'xstate.init') return 'start';
  eventNames ??= new Map(transitionsOf(authMachine).map(({ eventType, event }) => [eventType, event]));
  return eventNames.get(type) ?? 'other';
}

/** The names of all states, nested ones included: a `detail` is made of these and of nothing else. */
let stateNames: ReadonlySet<string> | undefined;

/** The details of states with one inner state, by the names of both: to put them together anew each time is slow. */
const pairs = new Map<string, Map<string, string>>();

/** The state value as a path, if it is one of the machine's. */
export function detailOf(value: unknown): string | undefined {
  const top = topOf(value);
  const inner = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[top] : '';
  if (typeof inner !== 'string') return checked(pathOf(value));
  const known = pairs.get(top)?.get(inner);
  if (known !== undefined) return known;
  const detail = checked(pathOf(value));
  if (detail === undefined) return undefined;
  const details = pairs.get(top) ?? new Map<string, string>();
  pairs.set(top, details.set(inner, detail));
  return detail;
}

function checked(detail: string): string | undefined {
  if (detail.length > 200) return undefined;
  const names = (stateNames ??= new Set(statesOf(authMachine).map(({ key }) => key)));
  return detail.split('.').every((name) => names.has(name)) ? detail : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A string of this form. */
export function matching(value: unknown, form: RegExp): string | undefined {
  return typeof value === 'string' && form.test(value) ? value : undefined;
}
