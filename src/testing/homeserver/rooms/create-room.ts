import { asObject, asString, isObject, type JsonObject } from '../../json.ts';
import { badRequest, matrixError } from '../matrix-error.ts';
import type { Requester } from '../router.ts';
import type { World } from '../world.ts';
import type { Room } from './room.ts';

const PRESETS: Record<string, { join_rule: string; guestsMayJoin: boolean }> = {
  private_chat: { join_rule: 'invite', guestsMayJoin: true },
  trusted_private_chat: { join_rule: 'invite', guestsMayJoin: true },
  public_chat: { join_rule: 'public', guestsMayJoin: false },
};

/** Makes the room that a `POST /createRoom` asks for, with its state in Synapse's order. */
export function createRoom(body: JsonObject, requester: Requester, world: World): Room {
  const presetName =
    asString(body['preset']) ?? (body['visibility'] === 'public' ? 'public_chat' : 'private_chat');
  const preset = PRESETS[presetName];
  if (preset === undefined) {
    throw matrixError(400, 'M_BAD_JSON', `'${presetName}' is not a valid preset`);
  }
  const invited = (Array.isArray(body['invite']) ? body['invite'] : []).map(String);
  const noUserId = invited.find((userId) => !/^@[^:]*:./.test(userId));
  if (noUserId !== undefined) throw badRequest(`Invalid user_id: ${noUserId}`);
  const aliasName = asString(body['room_alias_name']);
  const alias = aliasName === undefined ? undefined : `#${aliasName}:${world.options.serverName}`;
  if (alias !== undefined && world.rooms.resolveAlias(alias) !== undefined) {
    throw matrixError(400, 'M_ROOM_IN_USE', 'Room alias already taken');
  }

  world.messageLimit.count(requester.userId);
  const room = world.rooms.open();
  const set = (type: string, content: JsonObject, stateKey = '') =>
    world.rooms.append(room, { type, sender: requester.userId, content, stateKey });
  set('m.room.create', {
    ...asObject(body['creation_content']),
    room_version: '11',
  });
  const { userId: sender, account } = requester;
  world.rooms.setMembership(room, { sender, target: account, membership: 'join' });
  set('m.room.power_levels', powerLevels(body, presetName, requester.userId, invited));
  if (alias !== undefined) {
    world.rooms.addAlias(alias, room);
    set('m.room.canonical_alias', { alias });
  }
  set('m.room.join_rules', { join_rule: preset.join_rule });
  set('m.room.history_visibility', { history_visibility: 'shared' });
  if (preset.guestsMayJoin) set('m.room.guest_access', { guest_access: 'can_join' });
  for (const event of Array.isArray(body['initial_state']) ? body['initial_state'] : []) {
    if (isObject(event) && isObject(event['content'])) {
      set(asString(event['type']) ?? '', event['content'], asString(event['state_key']) ?? '');
    }
  }
  const name = asString(body['name']);
  if (name !== undefined) set('m.room.name', { name });
  const topic = asString(body['topic']);
  if (topic !== undefined) set('m.room.topic', { topic, 'm.topic': { 'm.text': [{ body: topic }] } });
  for (const userId of invited) {
    const target = world.accounts.find(userId) ?? { userId, displayName: null, avatarUrl: null };
    const isDirect = body['is_direct'] === true;
    world.rooms.setMembership(room, { sender: requester.userId, target, membership: 'invite', isDirect });
  }
  return room;
}

function powerLevels(body: JsonObject, preset: string, creator: string, invited: string[]): JsonObject {
  const equals = preset === 'trusted_private_chat' ? invited : [];
  return {
    users: Object.fromEntries([creator, ...equals].map((userId) => [userId, 100])),
    users_default: 0,
    events: {
      'm.room.name': 50,
      'm.room.power_levels': 100,
      'm.room.history_visibility': 100,
      'm.room.canonical_alias': 50,
      'm.room.avatar': 50,
      'm.room.tombstone': 100,
      'm.room.server_acl': 100,
      'm.room.encryption': 100,
    },
    events_default: 0,
    state_default: 50,
    ban: 50,
    kick: 50,
    redact: 50,
    invite: preset === 'public_chat' ? 50 : 0,
    historical: 100,
    // Synapse puts it here, and not among the events.
    ...(preset === 'public_chat' ? { 'm.call.invite': 50 } : {}),
    ...asObject(body['power_level_content_override']),
  };
}
