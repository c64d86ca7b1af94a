import type { AnyMachineSnapshot, AnyStateMachine, SnapshotFrom } from 'xstate';
import type { Exploration, Step } from './explore.ts';

/** A way through what was explored, one step after the other; the start is no step. */
export type Route<M extends AnyStateMachine> = readonly Step<M>[];

/** The shortest ways through what was explored. Where several are as short, the cases' order decides. */
export class Routes<M extends AnyStateMachine> {
  readonly #exploration: Exploration<M>;
  readonly #fromStart: ReadonlyMap<string, Route<M>>;
  readonly #onwards = new Map<string, ReadonlyMap<string, Route<M>>>();

  constructor(exploration: Exploration<M>) {
    this.#exploration = exploration;
    this.#fromStart = this.#shortest(exploration.start);
  }

  /** To each state, by its key; the nearest first. */
  get all(): ReadonlyMap<string, Route<M>> {
    return this.#fromStart;
  }

  /** To the nearest state that fits. */
  toFirst(fits: (snapshot: SnapshotFrom<M>) => boolean): Route<M> | undefined {
    return this.#firstOf(this.#fromStart, fits);
  }

  /** The same route, not an empty one, gone on with to the first of the `ends` that can be reached; unchanged where it is at one. */
  toAnEnd(route: Route<M>, ends: readonly ((snapshot: SnapshotFrom<M>) => boolean)[]): Route<M> {
    const { to: from } = route.at(-1) as Step<M>;
    const here = this.#exploration.states.get(from) as SnapshotFrom<M>;
    if (ends.some((end) => end(here))) return route;
    for (const end of ends) {
      const rest = this.#firstOf(this.#onwardsFrom(from), end);
      if (rest !== undefined) return [...route, ...rest];
    }
    return route;
  }

  /** To whatever is first covered somewhere, in the order of the distance from the start; each ends with that step. */
  toEachFirst(): Route<M>[] {
    const seen = new Set(this.#exploration.startEdges);
    const found: Route<M>[] = [];
    for (const [key, route] of this.#fromStart) {
      for (const step of stepsFrom(this.#exploration, key)) {
        const covers = coversOf([step]);
        if (covers.every((each) => seen.has(each))) continue;
        for (const each of covers) seen.add(each);
        found.push([...route, step]);
      }
    }
    return found;
  }

  #firstOf(
    routes: ReadonlyMap<string, Route<M>>,
    fits: (snapshot: SnapshotFrom<M>) => boolean,
  ): Route<M> | undefined {
    for (const [key, route] of routes) {
      if (fits(this.#exploration.states.get(key) as SnapshotFrom<M>)) return route;
    }
    return undefined;
  }

  /** Many routes end in the same state, so what goes on from there is searched once. */
  #onwardsFrom(key: string): ReadonlyMap<string, Route<M>> {
    const routes = this.#onwards.get(key) ?? this.#shortest(key);
    this.#onwards.set(key, routes);
    return routes;
  }

  #shortest(from: string): Map<string, Route<M>> {
    const routes = new Map<string, Route<M>>([[from, []]]);
    const queue = [from];
    const aside: Step<M>[] = [];
    const add = (step: Step<M>) => {
      if (routes.has(step.to)) return;
      routes.set(step.to, [...(routes.get(step.from) as Route<M>), step]);
      queue.push(step.to);
    };
    for (let key = queue.shift(); key !== undefined; key = queue.shift()) {
      for (const step of stepsFrom(this.#exploration, key)) {
        if (step.move.case?.aside === true) aside.push(step);
        else add(step);
      }
      while (queue.length === 0 && aside.length > 0) add(aside.shift() as Step<M>);
    }
    return routes;
  }
}

/**
 * Routes that together take every edge and try every case: as few as an honest try finds, none longer than it has to be.
 * @param startEdges what the start takes by itself
 */
export function covering<M extends AnyStateMachine>(
  candidates: readonly Route<M>[],
  startEdges: readonly string[],
): Route<M>[] {
  const covered = new Set(startEdges);
  const needed = [...candidates]
    .sort((a, b) => b.length - a.length)
    .filter((route) => {
      const fresh = coversOf(route).filter((each) => !covered.has(each));
      for (const each of fresh) covered.add(each);
      return fresh.length > 0;
    });
  const times = new Map<string, number>();
  for (const each of needed.flatMap((route) => coversOf(route))) times.set(each, (times.get(each) ?? 0) + 1);
  // What a longer route took first, shorter ones may take as well, and then it is not needed.
  const kept = needed.filter((route) => {
    const covers = coversOf(route);
    if (covers.some((each) => times.get(each) === 1 && !startEdges.includes(each))) return true;
    for (const each of covers) times.set(each, (times.get(each) as number) - 1);
    return false;
  });
  return candidates.filter((route) => kept.includes(route));
}

/** The edges that a route takes and the cases that it tries, each once. */
function coversOf<M extends AnyStateMachine>(route: Route<M>): string[] {
  return [...new Set(route.flatMap(({ edges, move }) => [...edges, `case ${move.on}: ${move.name}`]))];
}

/** All ways from the end of `prefix` that meet no state value twice, the shortest first. */
export function simpleRoutes<M extends AnyStateMachine>(
  exploration: Exploration<M>,
  from: string,
  { maxSteps, maxPaths, to }: SimpleBound,
): Route<M>[] {
  const beginning = valueAt(exploration, from);
  const found: Route<M>[] = [];
  let last: readonly Route<M>[] = [[]];
  for (let length = 1; length <= maxSteps && last.length > 0; length += 1) {
    const longer: Route<M>[] = [];
    for (const route of last) {
      const met = route.map(({ to: key }) => valueAt(exploration, key));
      for (const step of stepsFrom(exploration, route.at(-1)?.to ?? from)) {
        const value = valueAt(exploration, step.to);
        if (met.includes(value) || (route.length === 0 && value === beginning)) continue;
        const next = [...route, step];
        if (to(step.to)) {
          found.push(next);
          if (found.length >= maxPaths) return found;
        }
        if (value !== beginning) longer.push(next);
      }
    }
    last = longer;
  }
  return found;
}

/** The state value, as text. */
export function valueAt<M extends AnyStateMachine>({ states }: Exploration<M>, key: string): string {
  return JSON.stringify((states.get(key) as AnyMachineSnapshot).value);
}

function stepsFrom<M extends AnyStateMachine>({ steps }: Exploration<M>, key: string): readonly Step<M>[] {
  return steps.get(key) as readonly Step<M>[];
}

interface SimpleBound {
  readonly maxSteps: number;
  readonly maxPaths: number;
  readonly to: (key: string) => boolean;
}
