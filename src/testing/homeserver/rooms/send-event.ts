import { type Incoming, jsonBody, param } from '../incoming.ts';
import type { JsonObject } from '../../json.ts';
import { matrixError, suspended } from '../matrix-error.ts';
import type { Requester } from '../router.ts';
import type { World } from '../world.ts';
import { changeMembership, membershipAsked } from './membership.ts';
import { joinedRoom, requirePower } from './room-access.ts';

interface Sent {
  readonly event_id: string;
}

/** An event is 65,536 bytes at the most, and this is what there is left for its content beside what Synapse adds. */
const LARGEST_CONTENT = 64_500;

/**
 * Sends the message event that the path and the body make. The same transaction of the same device in the same room
 * has the same answer, also where the type of the event is another: there Synapse does not hold to the specification.
 */
export function sendMessage(incoming: Incoming, requester: Requester, world: World): Sent {
  const { txnId } = incoming.params;
  if (txnId === undefined) return append(incoming, requester, world, {});
  const transaction = [requester.userId, requester.deviceId, param(incoming, 'roomId'), txnId].join('\n');
  const known = world.transactions.get(transaction);
  if (known !== undefined) return { event_id: known };
  const { userId, deviceId } = requester;
  const sent = append(incoming, requester, world, { transaction: { userId, deviceId, id: txnId } });
  world.transactions.set(transaction, sent.event_id);
  return sent;
}

/** Sets the state that the path and the body make. */
export function sendState(incoming: Incoming, requester: Requester, world: World): Sent {
  const stateKey = incoming.params['stateKey'] ?? '';
  if (param(incoming, 'type') !== 'm.room.member') return append(incoming, requester, world, { stateKey });
  const action = membershipAsked(jsonBody(incoming));
  const roomId = param(incoming, 'roomId');
  return { event_id: changeMembership(action, roomId, requester, stateKey, world).eventId };
}

function append(
  incoming: Incoming,
  requester: Requester,
  world: World,
  kind: {
    readonly stateKey?: string;
    readonly transaction?: { readonly userId: string; readonly deviceId: string; readonly id: string };
  },
): Sent {
  const content = jsonBody(incoming);
  const type = param(incoming, 'type');
  const room = joinedRoom(param(incoming, 'roomId'), requester, world);
  requirePower(room, requester, { type, isState: kind.stateKey !== undefined });
  if (requester.account.suspended) throw suspended('Sending messages');
  requireAllowed(content);
  const event = world.rooms.append(room, { type, sender: requester.userId, content, ...kind }, (userId) =>
    world.messageLimit.count(userId),
  );
  return { event_id: event.eventId };
}

/** @throws MatrixError for a content that no event may have */
function requireAllowed(content: JsonObject): void {
  if (hasFloat(content)) throw matrixError(400, 'M_BAD_JSON', 'Bad JSON value: float');
  if (Buffer.byteLength(JSON.stringify(content)) > LARGEST_CONTENT)
    throw matrixError(413, 'M_TOO_LARGE', 'event too large');
}

function hasFloat(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isInteger(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasFloat);
}
