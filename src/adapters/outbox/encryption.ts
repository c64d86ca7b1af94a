import type { QueuedMessage } from '../../ports/index.ts';
import type { MessageOutcome } from './outcome.ts';
import type { RoomRequests, TryAgain } from './room-requests.ts';

type Content = Readonly<Record<string, unknown>>;

/**
 * Encrypts for a room. `undefined`: there are no keys to do it with.
 * @throws whatever the client throws that cannot do it now
 */
export type Encrypt = (roomId: string, type: string, content: Content) => Promise<Content | undefined>;

interface Means {
  readonly requests: RoomRequests;
  readonly encrypt: Encrypt;
  readonly signal: AbortSignal;
}

const ENCRYPTED = 'm.room.encrypted';

const NO_KEYS =
  'the room is encrypted, and the client has no keys to encrypt it with; give the client the option crypto, or queue what you have encrypted';

/** The message, encrypted if its room is; or why that cannot be. */
export async function encryptedIfNeeded(
  message: QueuedMessage,
  { requests, encrypt, signal }: Means,
): Promise<QueuedMessage | Exclude<MessageOutcome, { outcome: 'delivered' }> | TryAgain> {
  if (message.type === ENCRYPTED || message.encrypted !== undefined) return message;
  const needed = await requests.isEncrypted(message.roomId, signal);
  if (needed === false) return message;
  if (needed !== true) return needed;
  const encrypted = await encrypt(message.roomId, message.type, message.content);
  return encrypted === undefined ? { outcome: 'refused', why: NO_KEYS } : { ...message, encrypted };
}

/** The message as it goes over the wire: always the same, so that it can be known again. */
export function onTheWire(message: QueuedMessage): QueuedMessage {
  const { encrypted } = message;
  return encrypted === undefined ? message : { ...message, type: ENCRYPTED, content: encrypted };
}
