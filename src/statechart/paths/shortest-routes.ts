import type { AnyStateMachine, SnapshotFrom } from 'xstate';
import type { Exploration, Step } from './explore.ts';
import { coversOf, type Route, stepsFrom } from './route.ts';

/** The shortest ways through what was explored. Where several are as short, the cases' order decides. */
export class ShortestRoutes<M extends AnyStateMachine> {
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
