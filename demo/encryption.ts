import type { ICreateRoomStateEvent, MatrixClient } from 'matrix-js-sdk';
import type { CryptoStore } from '../src/ports/index.ts';

/** The state with which a room is encrypted from its beginning. */
export const encryptedRoom: ICreateRoomStateEvent = {
  type: 'm.room.encryption',
  state_key: '',
  content: { algorithm: 'm.megolm.v1.aes-sha2' },
};

/** Keys of encrypted rooms in this file. */
export async function cryptoIn(file: string): Promise<CryptoStore> {
  // Only here: it needs an IndexedDB, which a room without encryption does not.
  const { sqliteCrypto } = await import('../src/adapters/sessions/sqlite-crypto/index.ts');
  return sqliteCrypto(file);
}

/**
 * Whether what this client says in the room is encrypted, for a device of the other as well. What was said before a
 * device has published its keys, that device can never read.
 */
export async function isReadableBy(client: MatrixClient, userId: string, roomId: string): Promise<boolean> {
  if (client.getRoom(roomId)?.hasEncryptionStateEvent() !== true) return false;
  const devices = await client.getCrypto()?.getUserDeviceInfo([userId], true);
  return (devices?.get(userId)?.size ?? 0) > 0;
}
