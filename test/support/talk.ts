import type { Person } from './rest.ts';

const EACH_MS = 20;
/** What is said beyond the number that was asked for comes more slowly, so that a bot on a busy machine catches up. */
const MORE_EACH_MS = 200;
/** A machine that is too busy for as many is given no more than these, so that its test comes to its end. */
const AT_MOST_MS = 120_000;

/**
 * Says numbered messages in these rooms, fifty a second over all of them and in order within each, until there are so
 * many, and for as long as `goesOn` says so, but for no longer than two minutes. Resolves with what was said, for each room.
 */
export async function talk(
  speaker: Person,
  rooms: readonly string[],
  count: number,
  goesOn: () => boolean = () => false,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const said = new Map(rooms.map((room) => [room, [] as string[]]));
  const start = performance.now();
  await Promise.all(
    rooms.map(async (room, index) => {
      const texts = said.get(room) as string[];
      const inTime = () => performance.now() - start < AT_MOST_MS;
      for (let number = index; inTime() && (number < count || goesOn()); number += rooms.length) {
        const dueMs = Math.min(number, count) * EACH_MS + Math.max(0, number - count) * MORE_EACH_MS;
        const due = start + dueMs - performance.now();
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, due)));
        texts.push(`message ${number}`);
        await speaker.say(room, `message ${number}`);
      }
    }),
  );
  return said;
}
