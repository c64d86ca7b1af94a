import { type MatrixClient, MatrixEvent, type Room } from 'matrix-js-sdk';

type Content = Readonly<Record<string, unknown>>;

/** What the SDK's crypto can do besides what it says in its types. */
interface EventCrypto {
  encryptEvent(event: MatrixEvent, room: Room): Promise<void>;
}

/**
 * The content of the encrypted event that stands for this one; `undefined` if the client has no keys.
 * @throws if the client has not come so far that it could, or cannot get the keys of those in the room
 */
export async function encrypt(
  client: MatrixClient,
  roomId: string,
  { type, content }: { readonly type: string; readonly content: Content },
): Promise<Content | undefined> {
  const crypto = client.getCrypto() as unknown as EventCrypto | undefined;
  if (crypto === undefined) return undefined;
  const room = client.getRoom(roomId);
  if (room === null) throw new Error(`The client does not know ${roomId} yet.`);
  const event = new MatrixEvent({
    ...{ type, content: structuredClone(content), room_id: roomId },
    sender: client.getSafeUserId(),
  });
  await crypto.encryptEvent(event, room);
  return event.getWireContent();
}
