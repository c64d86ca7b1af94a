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
import { getAdjacencyMap, serializeSnapshot } from 'xstate/graph';
import { edgesTaken, type MarkedMachine, refusalsIn } from './edges.ts';
import type { EventCase, PathsOptions } from './types.ts';

/** A case at a place where it can happen. */
export interface Move<M extends AnyStateMachine> {
  readonly name: string;
  readonly on: string;
  readonly type: string;
  readonly case: EventCase<M> | undefined;
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

/** The machine as it is explored: pure, with nothing run and no timer set. */
export class Walker<M extends AnyStateMachine> {
  readonly marked: MarkedMachine<M>;
  readonly #cases: readonly EventCase<M>[];
  readonly #keyOf: (snapshot: SnapshotFrom<M>) => string;
  readonly #input: InputFrom<M> | undefined;
  readonly #limit: number;

  constructor(marked: MarkedMachine<M>, options: PathsOptions<M>) {
    this.marked = marked;
    this.#cases = options.cases ?? [];
    this.#keyOf = options.stateKey ?? serializeSnapshot;
    this.#input = options.input;
    this.#limit = options.limit ?? 10_000;
  }

  start(): { readonly state: SnapshotFrom<M>; readonly edges: readonly string[] } {
    const begin = initialTransition as (machine: M, input?: InputFrom<M>) => ReturnType<typeof transition<M>>;
    const [state, actions] = begin(this.marked.machine, this.#input);
    return { state, edges: edgesTaken(actions) };
  }

  /** What can happen in this state, in the order of the cases. */
  movesIn(snapshot: SnapshotFrom<M>): Move<M>[] {
    const types = new Set(
      getNextTransitions(snapshot as AnyMachineSnapshot).map(({ eventType }) => String(eventType)),
    );
    types.delete(''); // `always` is taken by the machine itself
    const moves = [...types].flatMap((type): Move<M>[] => {
      const on = this.marked.inWords.get(type) ?? type;
      const cases = this.#cases.filter(({ event }) => event === on || event === type);
      if (cases.length === 0) return [{ name: on, on, type, case: undefined }];
      return cases
        .filter((each) => each.when?.(snapshot) ?? true)
        .map((each) => ({ name: each.name, on, type, case: each }));
    });
    return moves.sort((a, b) => this.#rank(a) - this.#rank(b));
  }

  #rank({ case: each }: Move<M>): number {
    return each === undefined ? this.#cases.length : this.#cases.indexOf(each);
  }

  eventOf({ type, case: each }: Move<M>, snapshot: SnapshotFrom<M>): AnyEventObject {
    return { type, ...each?.with?.(snapshot) };
  }

  /** @throws {Error} if a guard or an action of the machine throws, or an error goes unhandled */
  take(
    snapshot: SnapshotFrom<M>,
    move: Move<M>,
    event: AnyEventObject,
  ): { state: SnapshotFrom<M>; edges: string[] } {
    const { machine } = this.marked;
    const [state, actions] = transition(machine, snapshot, event as EventFromLogic<M>);
    const { status, error } = state as AnyMachineSnapshot;
    if (status === 'error') {
      const { value } = snapshot as AnyMachineSnapshot;
      throw new Error(
        `The machine "${machine.id}" breaks on "${move.name}" (${move.on}) in ${JSON.stringify(value)}: ${String(error)}. ` +
          'If the event lacks what a guard or an action needs, give it in a case.',
        { cause: error },
      );
    }
    const taken = edgesTaken(actions);
    return {
      state,
      edges: [...taken, ...refusalsIn(this.marked, snapshot as AnyMachineSnapshot, event, taken)],
    };
  }

  key(snapshot: SnapshotFrom<M>): string {
    return this.#keyOf(snapshot);
  }

  /** @throws {Error} if there are more states than the limit allows */
  explore(): Exploration<M> {
    const start = this.start();
    const tried = new Map<AnyEventObject, { readonly move: Move<M>; edges: readonly string[] }>();
    let explored = 0;
    const events = (snapshot: SnapshotFrom<M>) => {
      explored += 1;
      if (explored > this.#limit) throw this.#endless();
      return this.movesIn(snapshot).map((move) => {
        const event = this.eventOf(move, snapshot);
        tried.set(event, { move, edges: [] });
        return event;
      });
    };
    const logic = {
      transition: (snapshot: SnapshotFrom<M>, event: AnyEventObject) => {
        const attempt = tried.get(event) as { readonly move: Move<M>; edges: readonly string[] };
        const { state, edges } = this.take(snapshot, attempt.move, event);
        attempt.edges = edges;
        return state;
      },
    } as unknown as ActorLogic<SnapshotFrom<M>, AnyEventObject>;
    const adjacency = Object.entries(
      getAdjacencyMap(logic, {
        fromState: start.state,
        events,
        serializeState: (snapshot) => this.key(snapshot),
        serializeEvent: (event) => `${event.type} ${tried.get(event)?.move.name}`,
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
              ...(tried.get(event) as { readonly move: Move<M>; readonly edges: readonly string[] }),
              from,
              to: this.key(state),
            }),
          ),
        ]),
      ),
    };
  }

  #endless(): Error {
    return new Error(
      `The machine "${this.marked.machine.id}" has more than ${this.#limit} states that differ by their key. ` +
        'Give a "stateKey" without what only counts or tells the time, or raise the "limit".',
    );
  }
}
