import type { World } from '../world.ts';

/** Whose devices a client has to look at anew, and whom it shares no room with any longer, since a position. */
export function deviceLists(
  viewerId: string,
  since: number | null,
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
    changed: [...now].filter(isChanged),
    left: [...then].filter((userId) => !now.has(userId)),
  };
}
