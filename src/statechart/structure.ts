import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition, StateValue } from 'xstate';

/** What sets a transition off. */
export type TransitionKind = 'event' | 'done' | 'error' | 'snapshot' | 'after' | 'always' | 'state-done';

/** One transition of a machine: one entry of one `on`, `after`, `always`, `onDone` or `onError`. */
export interface Transition {
  /** Stable, and unique in its machine: `auth.valid token.rejected 1`; the number is the index in its list. */
  readonly id: string;
  readonly kind: TransitionKind;
  readonly source: string;
  /** As XState names the event: `token.rejected`, `xstate.done.actor.restore`; empty for `always`. */
  readonly eventType: string;
  /** As a reader would: `token.rejected`, `restore done`, `after backoff`, `always`. */
  readonly event: string;
  readonly index: number;
  /** As a reader would write it: `currentTokenRejected`, `outcomeIs restored`, `not busy`. */
  readonly guard?: string;
  /** The ids of the states it leads to; none for a transition that only acts. */
  readonly targets: readonly string[];
  readonly description?: string;
  readonly definition: AnyTransitionDefinition;
}

/** All states of a machine in the order of its definition, without the root. */
export function statesOf(machine: AnyStateMachine): AnyStateNode[] {
  const below = (node: AnyStateNode): AnyStateNode[] =>
    Object.values(node.states as Record<string, AnyStateNode>).flatMap((child) => [child, ...below(child)]);
  return below(machine.root);
}

/** The events of a machine, each as a reader would write it. */
export function eventNamesOf(machine: AnyStateMachine): ReadonlyMap<string, string> {
  const nodes = [machine.root, ...statesOf(machine)];
  return new Map(
    nodes.flatMap((node) => [...node.transitions.keys()].map((type) => [type, eventText(node, type).event])),
  );
}

/** All transitions of a machine in the order of its definition, those of the root first. */
export function transitionsOf(machine: AnyStateMachine): Transition[] {
  return [machine.root, ...statesOf(machine)].flatMap((node) => [
    ...(node.always ?? []).map((definition, index) => transitionOf(node, '', definition, index)),
    ...[...node.transitions].flatMap(([eventType, definitions]) =>
      definitions.map((definition, index) => transitionOf(node, eventType, definition, index)),
    ),
  ]);
}

function transitionOf(
  node: AnyStateNode,
  eventType: string,
  definition: AnyTransitionDefinition,
  index: number,
): Transition {
  const { kind, event } = eventText(node, eventType);
  return {
    id: `${node.id} ${eventType === '' ? 'always' : eventType} ${index}`,
    kind,
    source: node.id,
    eventType,
    event,
    index,
    ...(definition.guard === undefined ? {} : { guard: guardText(definition.guard) }),
    targets: (definition.target ?? []).map((target) => target.id),
    ...(definition.description === undefined ? {} : { description: definition.description }),
    definition,
  };
}

const prefixes: readonly (readonly [TransitionKind, prefix: string, suffix: string])[] = [
  ['done', 'xstate.done.actor.', 'done'],
  ['error', 'xstate.error.actor.', 'error'],
  ['snapshot', 'xstate.snapshot.', 'changed'],
];

function eventText(node: AnyStateNode, eventType: string): Pick<Transition, 'kind' | 'event'> {
  if (eventType === '') return { kind: 'always', event: 'always' };
  if (eventType === `xstate.done.state.${node.id}`) return { kind: 'state-done', event: 'done' };
  if (eventType.startsWith('xstate.after.')) {
    const delay = eventType.slice('xstate.after.'.length, -`.${node.id}`.length);
    return { kind: 'after', event: `after ${/^\d+$/.test(delay) ? `${delay} ms` : delay}` };
  }
  for (const [kind, prefix, suffix] of prefixes) {
    if (!eventType.startsWith(prefix)) continue;
    return { kind, event: `${serviceText(node, eventType.slice(prefix.length))} ${suffix}` };
  }
  return { kind: 'event', event: eventType };
}

/** An invoked service that was given no id has a made-up one, `0.auth.reading`: then the name of its logic says more. */
export function serviceText(node: AnyStateNode, id: string): string {
  const service = node.invoke.find((each, index) => each.id === id && id === `${index}.${node.id}`);
  if (service === undefined) return id;
  return service.src === `xstate.invoke.${id}` ? 'service' : (service.src as string);
}

/** Guards made by `not`, `and`, `or` and `stateIn` are functions that carry what they are made of. */
interface HigherGuard {
  readonly name: string;
  readonly guards?: readonly unknown[];
  readonly stateValue?: StateValue;
}

function guardText(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'function') {
    const { name, guards, stateValue } = guard as unknown as HigherGuard;
    if (guards !== undefined) {
      const parts = guards.map(guardText);
      return name === 'not' ? `not ${parts.join()}` : parts.join(` ${name} `);
    }
    if (stateValue !== undefined) return `in ${stateText(stateValue)}`;
    return name === '' || name === 'guard' ? 'a condition' : name;
  }
  const { type, params } = guard as { readonly type: string; readonly params?: unknown };
  return [type, ...constantsOf(params)].join(' ');
}

/** What of a guard's parameters does not depend on the event, such as the `restored` in `outcomeIs restored`. */
function constantsOf(params: unknown): string[] {
  let known: unknown;
  if (typeof params !== 'function') known = params;
  else {
    try {
      known = params({ context: {}, event: {} });
    } catch {
      // It needs more than an empty event, so it does not say by itself what it will be.
    }
  }
  const values: unknown[] = typeof known === 'object' ? Object.values(known ?? {}) : [known];
  return values.filter((value) => ['string', 'number', 'boolean'].includes(typeof value)).map(String);
}

function stateText(value: StateValue): string {
  if (typeof value === 'string') return value;
  return Object.entries(value)
    .map(([key, inner = {}]) => [key, stateText(inner)].filter((part) => part !== '').join('.'))
    .join(' and ');
}
