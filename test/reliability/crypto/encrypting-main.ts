// A process that encrypts one message after the other with the keys in a file, until it is killed. It has no homeserver.
import { createClient, MatrixEvent, Room } from 'matrix-js-sdk';
import { flushCompileCache } from 'node:module';
import { sqliteCrypto } from '../../../src/adapters/sessions/sqlite-crypto/index.ts';
import { logger } from 'matrix-js-sdk/lib/logger.js';

/** What it tells about a message. */
export interface Encrypted {
  readonly type: 'encrypted';
  /** The ciphertext, in which the session says how far it has come. */
  readonly sessionId: string;
  readonly ciphertext: string;
  readonly identity: string;
}

export type Told = Encrypted | { readonly type: 'ready' } | { readonly type: 'failed'; readonly why: string };

interface EventCrypto {
  onCryptoEvent(room: Room, event: MatrixEvent): Promise<void>;
  encryptEvent(event: MatrixEvent, room: Room): Promise<void>;
}

const device = { userId: '@bot:example.org', deviceId: 'DEVICE' };
const ROOM = '!room:example.org';

(logger as unknown as { setLevel(level: 'silent'): void }).setLevel('silent');

const tell = (message: Told) =>
  new Promise<void>((resolve) => {
    process.send?.(message, () => resolve());
  });

/** A homeserver that has nobody else's keys, and takes what it is given. */
async function nobodyElse(input: RequestInfo | URL): Promise<Response> {
  const { pathname } = new URL(new Request(input).url);
  if (pathname.endsWith('/keys/query')) return Response.json({ device_keys: { [device.userId]: {} } });
  if (pathname.endsWith('/keys/upload'))
    return Response.json({ one_time_key_counts: { signed_curve25519: 50 } });
  return Response.json({ errcode: 'M_NOT_FOUND', error: 'no' }, { status: 404 });
}

function client() {
  return createClient({
    baseUrl: 'https://example.org',
    accessToken: 'none',
    fetchFn: nobodyElse,
    ...device,
  });
}

async function encrypt(file: string): Promise<void> {
  const crypto = await sqliteCrypto(file).open(device, { onHeld: () => {} });
  const bot = client();
  const { databasePrefix: cryptoDatabasePrefix, storageKey } = crypto;
  await crypto.opening(() => bot.initRustCrypto({ cryptoDatabasePrefix, storageKey }));
  const identity = JSON.stringify(await bot.getCrypto()?.getOwnDeviceKeys());
  const room = new Room(ROOM, bot, device.userId);
  const state = (type: string, key: string, content: object) =>
    new MatrixEvent({
      ...{ type, content, state_key: key, event_id: `$${type}`, room_id: ROOM, sender: device.userId },
    });
  const encryption = state('m.room.encryption', '', { algorithm: 'm.megolm.v1.aes-sha2' });
  const member = state('m.room.member', device.userId, { membership: 'join' });
  room.currentState.setStateEvents([encryption, member]);
  const keys = bot.getCrypto() as unknown as EventCrypto;
  await keys.onCryptoEvent(room, encryption);
  for (;;) {
    const event = new MatrixEvent({ type: 'm.room.message', content: { body: 'text' }, room_id: ROOM });
    await keys.encryptEvent(event, room);
    const { session_id: sessionId, ciphertext } = event.getWireContent();
    await tell({ type: 'encrypted', sessionId, ciphertext, identity });
  }
}

process.once('message', (file: string) => {
  encrypt(file).catch((error: unknown) => tell({ type: 'failed', why: String(error) }));
});
process.on('disconnect', () => process.exit());
// The crypto is loaded before the life begins.
const rehearsal = client();
await rehearsal.initRustCrypto({ useIndexedDB: false });
await rehearsal.getCrypto()?.checkKeyBackupAndEnable();
rehearsal.stopClient();
flushCompileCache();
await tell({ type: 'ready' });
