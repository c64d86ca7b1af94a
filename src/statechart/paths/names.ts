import type { AnyStateMachine } from 'xstate';
import type { Route } from './route.ts';

/** A situation and the route that its name stands for. */
export interface Landmark<M extends AnyStateMachine> {
  readonly name: string;
  readonly route: Route<M>;
}

/** `valid, token rejected, refresh accepted, connected`: the furthest landmark that the route begins with, and its steps. */
export function nameOf<M extends AnyStateMachine>(
  route: Route<M>,
  landmarks: readonly Landmark<M>[],
): string {
  const landmark = landmarks
    .filter((each) => each.route.every((step, index) => step === route[index]))
    .reduce<Landmark<M> | undefined>(
      (furthest, each) => (each.route.length > (furthest?.route.length ?? 0) ? each : furthest),
      undefined,
    );
  const steps = route.slice(landmark?.route.length ?? 0).map(({ move }) => move.name);
  const words = landmark === undefined ? steps : [landmark.name, ...steps];
  return words.length === 0 ? 'start' : words.join(', ');
}

/** The same names, where one that occurs again is numbered: `…, (2)`. */
export function distinct(names: readonly string[]): string[] {
  const times = new Map<string, number>();
  return names.map((name) => {
    const count = (times.get(name) ?? 0) + 1;
    times.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}
