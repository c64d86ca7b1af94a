import { asString, type JsonObject } from '../../json.ts';
import type { Room } from '../rooms/room.ts';

const HEROES = 5;

/** How many are in a room, and by whom it goes where it has no name (specification: "Room Summary"). */
export function roomSummary(
  room: Room,
  viewerId: string,
): { summary: JsonObject; heroes: readonly string[] } {
  const of = (membership: string) =>
    room.members().filter((userId) => room.membership(userId) === membership);
  const [joined, invited] = [of('join'), of('invite')];
  const summary: JsonObject = {
    'm.joined_member_count': joined.length,
    'm.invited_member_count': invited.length,
  };
  const name = asString(room.state('m.room.name')?.content['name']);
  const alias = asString(room.state('m.room.canonical_alias')?.content['alias']);
  if (name || alias) return { summary, heroes: [] };
  const others = (userIds: readonly string[]) => userIds.filter((userId) => userId !== viewerId);
  const here = others([...joined, ...invited]);
  const heroes = (here.length > 0 ? here : others([...of('leave'), ...of('ban')])).slice(0, HEROES);
  summary['m.heroes'] = heroes;
  return { summary, heroes };
}
