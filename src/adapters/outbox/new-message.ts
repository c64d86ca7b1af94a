import { type QueuedMessage, sha256 } from '../../ports/index.ts';
import type { SendOptions } from './options.ts';

/**
 * A message as it is queued: what was asked for, whatever becomes of the object.
 * @throws {TypeError} if it could never be sent
 */
export function newMessage(
  roomId: string,
  content: Readonly<Record<string, unknown>>,
  {
    type = 'm.room.message',
    id = crypto.randomUUID(),
    maxAgeMs,
  }: SendOptions & { readonly maxAgeMs: number },
): QueuedMessage {
  if (typeof roomId !== 'string' || !roomId.startsWith('!'))
    throw new TypeError(
      `send() was given the room ${shown(roomId)}: the id of a room begins with "!". What an alias (#…) stands for, the client can resolve. The message was not queued.`,
    );
  const at = Date.now();
  return {
    ...{ id, roomId, type, at, content: jsonObject(content), txnId: transactionId(id) },
    expiresAt: at + maxAgeMs,
  };
}

/** @throws {TypeError} */
function jsonObject(content: unknown): Readonly<Record<string, unknown>> {
  const text = asJson(content);
  if (text?.startsWith('{') !== true)
    throw new TypeError(
      `send() was given ${kindOf(content)} as the content of a message: that has to be an object, such as { msgtype: 'm.text', body: 'Hello' }. The message was not queued.`,
    );
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}

/** @throws {TypeError} */
function asJson(content: unknown): string | undefined {
  try {
    return JSON.stringify(content);
  } catch (error) {
    const [why] = String(error instanceof Error ? error.message : error).split('\n');
    throw new TypeError(`send() was given a content that is no JSON (${why}). The message was not queued.`, {
      cause: error,
    });
  }
}

function shown(roomId: unknown): string {
  return typeof roomId === 'string' ? `"${roomId}"` : kindOf(roomId);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Safe in a path, as long as the specification allows, and the same for the same id. */
function transactionId(id: string): string {
  return `mam${sha256(id, 'base64url').slice(0, 32)}`;
}
