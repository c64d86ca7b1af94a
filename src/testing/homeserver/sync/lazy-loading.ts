import type { JsonObject } from '../../json.ts';
import type { Room, RoomEvent } from '../rooms/room.ts';
import type { World } from '../world.ts';
import { part } from './filters.ts';
import { roomSummary } from './room-summary.ts';
import type { Range, SyncQuestion } from './sync-room.ts';

interface Loading {
  readonly room: Room;
  readonly question: SyncQuestion;
  readonly range: Range;
  readonly timeline: readonly RoomEvent[];
  readonly limited: boolean;
}

/**
 * What of a room's state the client gets, and the room's summary. All of it, and an empty summary, unless it loads
 * members lazily (specification: "Lazy-loading room members"); then the members are those who sent what is in the
 * timeline, and who they are is told once.
 */
export function loadMembers(
  changes: readonly RoomEvent[],
  { room, question, range, timeline, limited }: Loading,
  world: World,
): { readonly state: readonly RoomEvent[]; readonly summary: JsonObject } {
  const { viewer, filter, fullState } = question;
  const stateFilter = part(filter, 'room', 'state');
  if (stateFilter['lazy_load_members'] !== true) return { state: changes, summary: {} };

  const sent = world.sentMembers.of(viewer);
  if (range.whole) sent.clear();
  const needed =
    range.whole || fullState
      ? withoutIdleMembers(changes, timeline, viewer.userId)
      : withSenders(changes, { room, timeline, limited });
  const state =
    stateFilter['include_redundant_members'] === true
      ? needed
      : needed.filter((event) => !isMember(event) || sent.get(event.stateKey ?? '') !== event.eventId);
  remember([...state, ...timeline], sent);

  const mayHaveChanged = timeline.some(isMember) || (limited && state.some(isMember));
  if (!range.whole && !mayHaveChanged) return { state, summary: {} };
  const { summary, heroes } = roomSummary(room, viewer.userId);
  const told = new Set([...state, ...timeline].filter(isMember).map(({ stateKey }) => stateKey));
  const heroEvents = heroes
    .filter((userId) => !told.has(userId))
    .flatMap((userId) => room.membershipEvent(userId) ?? [])
    .filter(({ stateKey, eventId }) => sent.get(stateKey ?? '') !== eventId);
  remember(heroEvents, sent);
  return { state: [...state, ...heroEvents], summary };
}

const isMember = (event: RoomEvent) => event.type === 'm.room.member';

function remember(events: readonly RoomEvent[], sent: Map<string, string>): void {
  for (const event of events) if (isMember(event)) sent.set(event.stateKey ?? '', event.eventId);
}

/** Of the whole state: of the members only the senders in the timeline, and the client's own user. */
function withoutIdleMembers(
  state: readonly RoomEvent[],
  timeline: readonly RoomEvent[],
  ownId: string,
): RoomEvent[] {
  const wanted = sendersToTell(timeline).add(ownId);
  return state.filter((event) => !isMember(event) || wanted.has(event.stateKey ?? ''));
}

/** A change of the state, and who the senders in the timeline were when it began. */
function withSenders(
  changes: readonly RoomEvent[],
  { room, timeline, limited }: Pick<Loading, 'room' | 'timeline' | 'limited'>,
): readonly RoomEvent[] {
  const [first] = timeline;
  if (first === undefined) return changes;
  const senders = [...sendersToTell(timeline)]
    .flatMap((userId) => room.membershipEvent(userId, first.position) ?? [])
    // Without a gap Synapse tells it twice where the timeline begins with it.
    .filter((event) => !limited || event !== first);
  return [...new Set([...changes, ...senders])];
}

/** The senders in the timeline whose member event is not in it before they send. */
function sendersToTell(timeline: readonly RoomEvent[]): Set<string> {
  const told = new Set<string>();
  const senders = new Set<string>();
  for (const event of timeline) {
    if (!told.has(event.sender)) senders.add(event.sender);
    if (isMember(event)) told.add(event.stateKey ?? '');
  }
  return senders;
}
