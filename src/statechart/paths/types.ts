import type { AnyEventObject, AnyStateMachine, InputFrom, SnapshotFrom } from 'xstate';

/** One thing that can happen, with what it brings: the same event may be tried in several cases. */
export interface EventCase<M extends AnyStateMachine> {
  /** As it appears in the names of paths: `refresh refused`. Unique among the cases of one event. */
  readonly name: string;
  /**
   * Which event: one of the machine's own (`token.rejected`), or one of XState's as a diagram shows it: `exchange done`
   * and `exchange error` for the invoked service `exchange`, `after backoff` for a delay. Its full type will do, too.
   * An event that only a wildcard of the machine means (`mouse.click` where it has `mouse.*`) is tried for that wildcard.
   */
  readonly event: string;
  /** What the event carries besides its type (`output` of a service, `error`, …), where it happens. Default: nothing. */
  readonly with?: (snapshot: SnapshotFrom<M>) => object;
  /** Whether it can happen there. Default: it can wherever the event is handled. */
  readonly when?: (snapshot: SnapshotFrom<M>) => boolean;
  /** How much time passes before it happens, in ms. Default 0: in a plan, time passes only where a case says so. */
  readonly afterMs?: number;
  /** It is tried for its own sake, but a path takes it as a way to somewhere else only if there is no other. Default false. */
  readonly aside?: boolean;
}

export interface PathsOptions<M extends AnyStateMachine> {
  /**
   * What can happen. An event without a case is tried once, with nothing but its type; for a wildcard without a case a
   * type is made up that it means: `mouse.anything`. In each state only those events
   * are tried that some transition there names; `always`, and the end of a nested state, the machine sees to by itself.
   */
  readonly cases?: readonly EventCase<M>[];
  /**
   * States with the same key count as one. Default: the state value, the history and the whole context, also what JSON
   * does not tell apart (`undefined`, `NaN`, a `Set`, a `Map`); functions and instances of classes without `toJSON()`
   * are the same only if they are the same object. Leave out what only counts or tells the time, or there is no end to
   * it. What decides a guard has to stay in.
   */
  readonly stateKey?: (snapshot: SnapshotFrom<M>) => string;
  readonly input?: InputFrom<M>;
  /** Situations whose name stands for the shortest way to them in the names of paths: `valid, token rejected, …`. */
  readonly landmarks?: Readonly<Record<string, (snapshot: SnapshotFrom<M>) => boolean>>;
  /**
   * Where an edge-covering path may end. One that covers its edge elsewhere goes on by the shortest way to the first of
   * these that can be reached from there. Default: it ends with its edge.
   */
  readonly ends?: readonly ((snapshot: SnapshotFrom<M>) => boolean)[];
  /** At most so many states are explored. Default 10,000. */
  readonly limit?: number;
}

export interface PathStep<M extends AnyStateMachine> {
  /** The name of the case. The first step is `start`. */
  readonly name: string;
  /** As a diagram shows it: `exchange done`, `after backoff`, `token.rejected`; `start` for the first step. */
  readonly on: string;
  /** The event as it was tried; `xstate.init` for the first step. */
  readonly event: AnyEventObject;
  /** The time that passes before it, in ms. */
  readonly afterMs: number;
  /** The same event for a machine that is running, with what it brings made for that machine's snapshot. */
  eventFor(snapshot: SnapshotFrom<M>): AnyEventObject;
  /** The state that the step leads to. */
  readonly state: SnapshotFrom<M>;
  /** The ids of the edges that the step takes, in their order. */
  readonly edges: readonly string[];
  /** What the machine emits on the way. */
  readonly emitted: readonly AnyEventObject[];
}

/** A way through the machine from its start. */
export interface MachinePath<M extends AnyStateMachine> {
  /** Made of the names of its steps; unique among the paths of one list, and the same each time. */
  readonly name: string;
  readonly steps: readonly PathStep<M>[];
  /** Where it ends. */
  readonly state: SnapshotFrom<M>;
}

export interface CoveringPath<M extends AnyStateMachine> extends MachinePath<M> {
  /** The names of the edges that no path before it in the list takes. */
  readonly covers: readonly string[];
}

/** How much of the machine the paths reach. An edge is one branch of a transition, or that all its guards say no. */
export interface Coverage {
  readonly covered: number;
  readonly total: number;
  /** The edges that no case leads over: `auth.valid: refresh [canRenew] -> auth.refreshing`. */
  readonly unreached: readonly string[];
}

export interface SimplePathsBound<M extends AnyStateMachine> {
  /** The most steps of a path, its start or the way to `from` not counted. */
  readonly maxSteps: number;
  /** The name of a landmark to begin from, by the shortest way there. Default: the machine's start. */
  readonly from?: string;
  /** Only the paths that end in such a state. Default: all. */
  readonly to?: (snapshot: SnapshotFrom<M>) => boolean;
  /** At most so many paths, the shortest first. Default 1,000. */
  readonly maxPaths?: number;
}

export interface MachinePaths<M extends AnyStateMachine> {
  /** The shortest way to each state value. */
  readonly shortestPaths: readonly MachinePath<M>[];
  /** Ways that together take every edge that can be taken, and try every case. */
  readonly edgeCoveringPaths: readonly CoveringPath<M>[];
  readonly coverage: Coverage;
  /**
   * All ways within a bound that meet no state value twice, except that they may end where they began.
   * @throws {Error} if there is no such landmark
   */
  simplePaths(bound: SimplePathsBound<M>): readonly MachinePath<M>[];
}
