import type { AnyStateMachine } from 'xstate';
import type { Exploration } from './explore.ts';
import { type Route, stepsFrom, valueAt } from './route.ts';

interface SimpleBound {
  readonly maxSteps: number;
  readonly maxPaths: number;
  readonly to: (key: string) => boolean;
}

/** All ways from a state that meet no state value twice, the shortest first. */
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
