import {
  type ActorLogic,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventFromLogic,
  getNextTransitions,
  initialTransition,
  type InputFrom,
  type SnapshotFrom,
  transition,
} from 'xstate';
import { getAdjacencyMap } from 'xstate/graph';
import { edgesTaken, type MarkedMachine, refusalsIn } from './edges.ts';
import { isWildcard, madeUpType, nearestDescriptor } from './event-types.ts';
import { StateKeys } from './state-key.ts';
import { at } from './time.ts';
import type { EventCase, PathsOptions } from './types.ts';

/** A case at a place where it can happen. */
export interface Move<M extends AnyStateMachine> {
  readonly name: string;
  readonly on: string;
  /** The type of the event, which is never a wildcard. */
  readonly type: string;
  readonly case: EventCase<M> | undefined;
}

/** What comes of a move. */
export interface Taken<M extends AnyStateMachine> {
  readonly state: SnapshotFrom<M>;
  /** The ids of the edges. */
  readonly edges: readonly string[];
  /** What the machine emits. */
  readonly emitted: readonly AnyEventObject[];
}

export interface Step<M extends AnyStateMachine> {
  readonly move: Move<M>;
  readonly from: string;
  readonly to: string;
  readonly edges: readonly string[];
}

/** What was explored: states by their keys, in the order of their distance from the start. */
export interface Exploration<M extends AnyStateMachine> {
  readonly start: string;
  readonly startEdges: readonly string[];
  readonly states: ReadonlyMap<string, SnapshotFrom<M>>;
  readonly steps: ReadonlyMap<string, readonly Step<M>[]>;
}

/**
 * Explores a machine: pure, with nothing run and no timer set. Time stands still, apart from what cases let
 * pass.
 */
export class PlanExplorer<M extends AnyStateMachine> {
  readonly marked: MarkedMachine<M>;
  readonly #cases: readonly EventCase<M>[];
  readonly #keyOf: (snapshot: SnapshotFrom<M>) => string;
  readonly #defaultKeys = new StateKeys();
  readonly #input: InputFrom<M> | undefined;
  readonly #limit: number;
  readonly #begun = Date.now();
  readonly #timeOf = new WeakMap<SnapshotFrom<M>, number>();

  constructor(marked: MarkedMachine<M>, options: PathsOptions<M>) {
    this.marked = marked;
    this.#cases = options.cases ?? [];
    this.#keyOf = options.stateKey ?? ((snapshot) => this.#defaultKeys.keyOf(snapshot as AnyMachineSnapshot));
    this.#input = options.input;
    this.#limit = options.limit ?? 10_000;
  }

  start(): Taken<M> {
    const begin = initialTransition as (machine: M, input?: InputFrom<M>) => ReturnType<typeof transition<M>>;
    const [state, actions] = this.#atRest('at its start', () =>
      at(this.#begun, () => begin(this.marked.machine, this.#input)),
    );
    return { state, edges: edgesTaken(actions), emitted: emittedBy(actions) };
  }

  /** The time at which the snapshot was reached, or at which something happens to it. */
  #time(snapshot: SnapshotFrom<M>, move?: Move<M>): number {
    return (this.#timeOf.get(snapshot) ?? this.#begun) + (move?.case?.afterMs ?? 0);
  }

  /** What can happen in this state, in the order of the cases. */
  movesIn(snapshot: SnapshotFrom<M>): Move<M>[] {
    const { eventTexts } = this.marked;
    const descriptors = new Set(
      getNextTransitions(snapshot as AnyMachineSnapshot).map(({ eventType }) => String(eventType)),
    );
    const moves = [...descriptors].flatMap((descriptor): Move<M>[] => {
      const on = eventTexts.get(descriptor);
      if (on === undefined) return [];
      const type = isWildcard(descriptor) ? madeUpType(descriptor, eventTexts.keys()) : descriptor;
      const cases = this.#cases.filter(
        ({ event }) =>
          event === on ||
          event === descriptor ||
          (isWildcard(descriptor) && nearestDescriptor(event, descriptors) === descriptor),
      );
      if (cases.length === 0) return [{ name: on, on, type, case: undefined }];
      return cases
        .filter((each) => at(this.#time(snapshot), () => each.when?.(snapshot)) ?? true)
        .map((each) => {
          const isNamed = isWildcard(descriptor) && !isWildcard(each.event);
          return {
            name: each.name,
            on: isNamed ? each.event : on,
            type: isNamed ? each.event : type,
            case: each,
          };
        });
    });
    return moves.sort((a, b) => this.#rank(a) - this.#rank(b));
  }

  #rank({ case: each }: Move<M>): number {
    return each === undefined ? this.#cases.length : this.#cases.indexOf(each);
  }

  /** The event, for the moment at which this is called. */
  eventOf({ type, case: each }: Move<M>, snapshot: SnapshotFrom<M>): AnyEventObject {
    return { type, ...each?.with?.(snapshot) };
  }

  /** The event, for the time of the plan. */
  plannedEvent(move: Move<M>, snapshot: SnapshotFrom<M>): AnyEventObject {
    return at(this.#time(snapshot, move), () => this.eventOf(move, snapshot));
  }

  /** @throws {Error} if a guard or an action of the machine throws, or an error goes unhandled */
  take(snapshot: SnapshotFrom<M>, move: Move<M>, event: AnyEventObject): Taken<M> {
    const { machine } = this.marked;
    const now = this.#time(snapshot, move);
    const { value } = snapshot as AnyMachineSnapshot;
    const [reached, actions] = this.#atRest(
      `on "${move.name}" (${move.on}) in ${JSON.stringify(value)}`,
      () => at(now, () => transition(stepping(machine, snapshot), snapshot, event as EventFromLogic<M>)),
    );
    // Where nothing changed but the time, it is another snapshot all the same.
    const state: SnapshotFrom<M> = Object.assign({}, reached);
    this.#timeOf.set(state, now);
    const taken = edgesTaken(actions);
    return {
      state,
      edges: [...taken, ...refusalsIn(this.marked, snapshot as AnyMachineSnapshot, event, taken)],
      emitted: emittedBy(actions),
    };
  }

  key(snapshot: SnapshotFrom<M>): string {
    // As a key of an object, `constructor` would be there already, and numbers would come first.
    return `key ${at(this.#time(snapshot), () => this.#keyOf(snapshot))}`;
  }

  /** @throws {Error} if the machine breaks, or does not come to rest: XState sees to that, if it is told how long it may take */
  #atRest<T extends readonly [SnapshotFrom<M>, unknown]>(where: string, step: () => T): T {
    const { id } = this.marked.machine;
    const circle = (error: unknown) => error instanceof Error && error.message.startsWith('Infinite loop');
    const endless = (cause: unknown) =>
      new Error(
        `The machine "${id}" does not come to rest ${where}: its "always" transitions, or the events that it raises, ` +
          'lead in a circle. If they do end, give the machine a larger "options.maxIterations".',
        { cause },
      );
    let taken: T;
    try {
      taken = step();
    } catch (error) {
      throw circle(error) ? endless(error) : error;
    }
    const { status, error } = taken[0] as AnyMachineSnapshot;
    if (status !== 'error') return taken;
    if (circle(error)) throw endless(error);
    throw new Error(
      `The machine "${id}" breaks ${where}: ${String(error)}. ` +
        'If the event lacks what a guard or an action needs, give it in a case.',
      { cause: error },
    );
  }

  /** @throws {Error} if there are more states than the limit allows */
  explore(): Exploration<M> {
    const start = this.start();
    const tried = new Map<AnyEventObject, Move<M>>();
    const edgesOf = new Map<AnyEventObject, readonly string[]>();
    let explored = 0;
    const events = (snapshot: SnapshotFrom<M>) => {
      explored += 1;
      if (explored > this.#limit) throw this.#endless();
      return this.movesIn(snapshot).map((move) => {
        const event = this.plannedEvent(move, snapshot);
        tried.set(event, move);
        return event;
      });
    };
    const logic = {
      transition: (snapshot: SnapshotFrom<M>, event: AnyEventObject) => {
        const { state, edges } = this.take(snapshot, tried.get(event) as Move<M>, event);
        edgesOf.set(event, edges);
        return state;
      },
    } as unknown as ActorLogic<SnapshotFrom<M>, AnyEventObject>;
    const adjacency = Object.entries(
      getAdjacencyMap(logic, {
        fromState: start.state,
        events,
        serializeState: (snapshot) => this.key(snapshot),
        serializeEvent: (event) => `${event.type} ${(tried.get(event) as Move<M>).name}`,
        stopWhen: (snapshot) => (snapshot as AnyMachineSnapshot).status !== 'active',
      }),
    );
    return {
      start: this.key(start.state),
      startEdges: start.edges,
      states: new Map(adjacency.map(([key, { state }]) => [key, state])),
      steps: new Map(
        adjacency.map(([from, { transitions }]) => [
          from,
          Object.values<{ event: AnyEventObject; state: SnapshotFrom<M> }>(transitions).map(
            ({ event, state }) => ({
              move: tried.get(event) as Move<M>,
              edges: edgesOf.get(event) as readonly string[],
              from,
              to: this.key(state),
            }),
          ),
        ]),
      ),
    };
  }

  #endless(): Error {
    const { opaque } = this.#defaultKeys;
    const identical =
      opaque.length === 0 ? '' : `Only the same object counts as the same in ${opaque.join(', ')}. `;
    return new Error(
      `The machine "${this.marked.machine.id}" has more than ${this.#limit} states that differ by their key. ` +
        `${identical}Give a "stateKey" without what only counts or tells the time, or raise the "limit".`,
    );
  }
}

/** The machine, as one that begins in the snapshot: `transition` begins it for each step, which takes half of the time. */
function stepping<M extends AnyStateMachine>(machine: M, snapshot: SnapshotFrom<M>): M {
  return {
    getInitialSnapshot: () => snapshot,
    transition: machine.transition.bind(machine),
  } as unknown as M;
}

function emittedBy(
  actions: readonly { readonly type: string; readonly params?: unknown }[],
): AnyEventObject[] {
  return actions
    .filter(({ type }) => type === 'xstate.emit')
    .map(({ params }) => (params as { readonly event: AnyEventObject }).event);
}
