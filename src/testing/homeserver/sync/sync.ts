import { asObject, type JsonObject } from '../../json.ts';
import { type Incoming, integerQuery } from '../incoming.ts';
import { badRequest, invalidParam } from '../matrix-error.ts';
import { strippedEvent, syncStateEvent } from '../rooms/client-event.ts';
import type { Room } from '../rooms/room.ts';
import type { Requester } from '../router.ts';
import type { World } from '../world.ts';
import { deviceLists } from './device-lists.ts';
import { allowsRoom, part } from './filters.ts';
import { parsePosition, tokenOf } from './stream-token.ts';
import { joinedRoom, leftRoom, type SyncQuestion } from './sync-room.ts';

/** Answers `GET /sync`, after `timeout` at the latest. */
export async function answerSync(
  incoming: Incoming,
  requester: Requester,
  world: World,
): Promise<JsonObject> {
  const { query } = incoming;
  if (query.has('from')) {
    throw badRequest("'from' is not a valid query parameter. Did you mean 'since'?");
  }
  const timeoutMs = integerQuery(incoming, 'timeout', 0);
  const presence = query.get('set_presence');
  if (presence !== null && !['offline', 'unavailable', 'online'].includes(presence)) {
    throw invalidParam("Query parameter 'set_presence' must be one of ['offline', 'unavailable', 'online']");
  }
  const since = query.get('since');
  const question: SyncQuestion = {
    viewer: requester,
    filter: world.filters.resolve(requester.userId, query.get('filter')),
    since: since === null ? null : parsePosition(since),
    fullState: query.get('full_state') === 'true',
  };
  const key = [
    requester.userId,
    requester.deviceId,
    timeoutMs,
    since,
    query.get('filter'),
    question.fullState,
  ];
  return world.syncCache.get(key, since, () => waitForNews(question, timeoutMs, incoming.signal, world));
}

async function waitForNews(
  question: SyncQuestion,
  timeoutMs: number,
  signal: AbortSignal,
  world: World,
): Promise<JsonObject> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    const { body, empty } = takeStock(question, world);
    const leftMs = endsAt - performance.now();
    const waits = empty && question.since !== null && !question.fullState && leftMs > 0;
    if (!waits || signal.aborted) return body;
    await world.stream.wait(question.viewer.userId, leftMs, signal);
  }
}

/** The answer as of now, and whether there is nothing in it. */
function takeStock(question: SyncQuestion, world: World): { body: JsonObject; empty: boolean } {
  const { viewer, since } = question;
  const rooms = stockOfRooms(question, world);
  const isWhole = since === null || question.fullState;
  const accountData = world.accountData.changed(viewer.userId, undefined, isWhole ? 0 : since);
  if (isWhole) accountData.push({ type: 'm.push_rules', content: { global: {} } });
  const { changed, left } = deviceLists(viewer.userId, since, asObject(rooms['join']), world);
  const fallback = world.deviceKeys.fallbackAlgorithms(viewer.userId, viewer.deviceId);
  return {
    empty: Object.keys(rooms).length === 0 && accountData.length === 0 && changed.length + left.length === 0,
    body: {
      next_batch: tokenOf(world.stream.position),
      ...(accountData.length === 0 ? {} : { account_data: { events: accountData } }),
      ...(changed.length + left.length === 0
        ? {}
        : { device_lists: { ...(changed.length > 0 && { changed }), ...(left.length > 0 && { left }) } }),
      device_one_time_keys_count: world.deviceKeys.counts(viewer.userId, viewer.deviceId),
      device_unused_fallback_key_types: fallback,
      ...(Object.keys(rooms).length === 0 ? {} : { rooms }),
    },
  };
}

function stockOfRooms(question: SyncQuestion, world: World): JsonObject {
  const { viewer, since } = question;
  const filter = part(question.filter, 'room');
  const join: JsonObject = {};
  const invite: JsonObject = {};
  const leave: JsonObject = {};
  for (const room of world.rooms.of(viewer.userId)) {
    if (!allowsRoom(filter, room.roomId)) continue;
    const own = room.membershipEvent(viewer.userId);
    const news = own !== undefined && own.position > (since ?? 0);
    const membership = own?.content['membership'];
    if (membership === 'join') {
      const answer = joinedRoom(room, question, world);
      if (answer !== null) join[room.roomId] = answer;
    } else if (membership === 'invite') {
      if (news) invite[room.roomId] = invitedRoom(room, viewer, world);
    } else if (since === null ? filter['include_leave'] === true : news) {
      const answer = leftRoom(room, question, world);
      if (answer !== null) leave[room.roomId] = answer;
    }
  }
  return Object.fromEntries(
    Object.entries({ join, invite, leave }).filter(([, rooms]) => Object.keys(rooms).length > 0),
  );
}

const SHOWN_TO_INVITED = ['create', 'join_rules', 'name', 'topic', 'avatar', 'canonical_alias', 'encryption'];

function invitedRoom(room: Room, viewer: SyncQuestion['viewer'], world: World): JsonObject {
  const invitation = room.membershipEvent(viewer.userId);
  if (invitation === undefined) throw new Error(`${viewer.userId} is not invited to ${room.roomId}.`);
  const shown = SHOWN_TO_INVITED.map((name) => room.state(`m.room.${name}`));
  const stripped = [...shown, room.state('m.room.member', invitation.sender)].flatMap((event) =>
    event === undefined ? [] : [strippedEvent(event)],
  );
  return { invite_state: { events: [...stripped, syncStateEvent(invitation, viewer, world.now())] } };
}
