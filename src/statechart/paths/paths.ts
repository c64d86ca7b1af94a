import type { AnyStateMachine, SnapshotFrom } from 'xstate';
import { marked } from './edges.ts';
import { coveringRoutes } from './covering-routes.ts';
import { type Move, PlanExplorer } from './explore.ts';
import { distinct, type Landmark, nameOf } from './names.ts';
import { type Route, valueAt } from './route.ts';
import { ShortestRoutes } from './shortest-routes.ts';
import { simpleRoutes } from './simple-routes.ts';
import type { CoveringPath, MachinePath, MachinePaths, PathsOptions, PathStep } from './types.ts';

/**
 * Finds the ways through a machine, as plans for tests. Nothing of the machine is run: services are not called, timers
 * not set, actions not executed other than `assign` and the like.
 *
 * The guards of the machine are asked. For them time stands still, but for what the cases let pass: let it pass in the
 * same way when you walk a path, with the `afterMs` of each step.
 * @throws {Error} if the machine breaks on an event, does not come to rest, or has more states than the limit
 *
 * @example
 * ```ts
 * import { pathsOf } from 'matrix-auth-machine/statechart';
 * import { createMachine } from 'xstate';
 *
 * const door = createMachine({
 *   id: 'door',
 *   initial: 'open',
 *   states: {
 *     open: { on: { CLOSE: 'closed' } },
 *     closed: { on: { OPEN: 'open', LOCK: 'locked' } },
 *     locked: { type: 'final' },
 *   },
 * });
 * for (const { name } of pathsOf(door).edgeCoveringPaths) console.log(name);
 * ```
 */
export function pathsOf<M extends AnyStateMachine>(
  machine: M,
  options: PathsOptions<M> = {},
): MachinePaths<M> {
  const explorer = new PlanExplorer(marked(machine), options);
  const exploration = explorer.explore();
  const { states, steps, start, startEdges } = exploration;
  const routes = new ShortestRoutes(exploration);
  const landmarks = Object.entries(options.landmarks ?? {}).flatMap(([name, fits]): Landmark<M>[] => {
    const route = routes.toFirst(fits);
    return route === undefined ? [] : [{ name, route }];
  });

  const pathsAlong = (list: readonly Route<M>[]): MachinePath<M>[] => {
    const names = distinct(list.map((route) => nameOf(route, landmarks)));
    return list.map((route, index) => pathAlong(explorer, route, names[index] as string));
  };

  const { edges } = explorer.marked;
  const reached = new Set([...startEdges, ...[...steps.values()].flat().flatMap((step) => step.edges)]);
  const unreached = edges.filter(({ id }) => !reached.has(id)).map(({ name }) => name);

  const shortestPaths = once(() => {
    const values = new Set<string>();
    const nearest = [...routes.all].filter(([key]) => {
      const value = valueAt(exploration, key);
      return !values.has(value) && values.add(value);
    });
    return pathsAlong(nearest.map(([, route]) => route));
  });

  const edgeCoveringPaths = once(() => {
    const { ends = [] } = options;
    const candidates = routes.toEachFirst().map((route) => routes.toAnEnd(route, ends));
    const met = new Set<string>();
    const names = new Map(edges.map(({ id, name }) => [id, name]));
    return pathsAlong(coveringRoutes(candidates, startEdges)).map((path): CoveringPath<M> => {
      const fresh = path.steps.flatMap((step) => step.edges).filter((id) => !met.has(id) && met.add(id));
      return { ...path, covers: fresh.map((id) => names.get(id) ?? id) };
    });
  });

  return {
    get shortestPaths() {
      return shortestPaths();
    },
    get edgeCoveringPaths() {
      return edgeCoveringPaths();
    },
    coverage: { covered: edges.length - unreached.length, total: edges.length, unreached },
    simplePaths({ maxSteps, from, to = () => true, maxPaths = 1_000 }) {
      const prefix = from === undefined ? [] : landmarks.find(({ name }) => name === from)?.route;
      if (prefix === undefined) {
        throw new Error(
          `No way leads to the landmark "${from}". Landmarks that are reached: ${landmarks.map(({ name }) => name).join(', ') || 'none'}.`,
        );
      }
      const bound = { maxSteps, maxPaths, to: (key: string) => to(states.get(key) as SnapshotFrom<M>) };
      const found = simpleRoutes(exploration, prefix.at(-1)?.to ?? start, bound);
      return pathsAlong(found.map((route) => [...prefix, ...route]));
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function pathAlong<M extends AnyStateMachine>(
  explorer: PlanExplorer<M>,
  route: Route<M>,
  name: string,
): MachinePath<M> {
  const start = explorer.start();
  const init = { type: 'xstate.init' };
  let state = start.state;
  const steps: PathStep<M>[] = [
    { ...start, name: 'start', on: 'start', event: init, afterMs: 0, eventFor: () => init },
  ];
  for (const { move, edges: expected } of route) {
    const event = explorer.plannedEvent(move, state);
    const taken = explorer.take(state, move, event);
    if (taken.edges.join() !== expected.join()) throw unsound(name, move, expected, taken.edges);
    state = taken.state;
    steps.push({
      ...taken,
      name: move.name,
      on: move.on,
      event,
      afterMs: move.case?.afterMs ?? 0,
      eventFor: (snapshot) => explorer.eventOf(move, snapshot),
    });
  }
  return { name, steps, state };
}

function unsound<M extends AnyStateMachine>(
  path: string,
  { name }: Move<M>,
  expected: readonly string[],
  taken: readonly string[],
): Error {
  return new Error(
    `In the path "${path}", "${name}" takes [${taken.join()}], but took [${expected.join()}] in another state with the same key. ` +
      'The "stateKey" leaves out something that a guard depends on; put it in.',
  );
}
