import { asObject, type JsonObject } from '../../json.ts';
import type { World } from '../world.ts';

/**
 * Whose devices a client has to look at anew, and whom it shares no room with any longer, since a position. `joined`
 * is what the answer tells of the rooms: who is told to be in them is looked at anew as well.
 */
export function deviceLists(
  viewerId: string,
  since: number | null,
  joined: JsonObject,
  world: World,
): { readonly changed: readonly string[]; readonly left: readonly string[] } {
  if (since === null) return { changed: [], left: [] };
  const now = world.rooms.sharingWith(viewerId);
  const then = new Set([viewerId]);
  for (const room of world.rooms.of(viewerId)) {
    if (room.membership(viewerId, since) !== 'join') continue;
    for (const userId of room.joined(since)) then.add(userId);
  }
  const isChanged = (userId: string) =>
    !then.has(userId) || world.accounts.get(userId).devicesChangedAt > since;
  return {
    changed: [...new Set([...[...now].filter(isChanged), ...membersTold(joined)])],
    left: [...then].filter((userId) => !now.has(userId)),
  };
}

function membersTold(joined: JsonObject): Set<string> {
  const members = new Set<string>();
  for (const room of Object.values(joined)) {
    const { state, timeline } = asObject(room);
    for (const event of [state, timeline].flatMap((part) => asObject(part)['events'] as JsonObject[])) {
      if (event['type'] !== 'm.room.member') continue;
      const isIn = ['join', 'invite'].includes(String(asObject(event['content'])['membership']));
      if (isIn) members.add(String(event['state_key']));
      else members.delete(String(event['state_key']));
    }
  }
  return members;
}
