import type { AnyStateMachine } from 'xstate';
import { coversOf, type Route } from './route.ts';

/**
 * Routes that together take every edge and try every case: few, and none longer than it has to be, though not always the fewest.
 * @param startEdges what the start takes by itself
 */
export function coveringRoutes<M extends AnyStateMachine>(
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
