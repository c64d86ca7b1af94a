import { createClient, type MatrixClient, MatrixEvent, Room } from 'matrix-js-sdk';
import type { CryptoDevice, DeviceCrypto } from '../../src/ports/index.ts';

/** What the SDK's crypto can do besides what it says in its types. */
interface EventCrypto {
  onCryptoEvent(room: Room, event: MatrixEvent): Promise<void>;
  encryptEvent(event: MatrixEvent, room: Room): Promise<void>;
  decryptEvent(event: MatrixEvent): Promise<{ readonly clearEvent: { readonly content: unknown } }>;
}

const silent = () => {};
const quiet = {
  ...{ trace: silent, debug: silent, info: silent, warn: silent, error: silent },
  getChild: () => quiet,
};

const ROOM = '!room:example.org';

/** A homeserver that has nobody else's keys, and takes what it is given. */
async function nobodyElse(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const { pathname } = new URL(new Request(input).url);
  if (pathname.endsWith('/keys/query')) {
    const asked = JSON.parse(init?.body as string) as {
      readonly device_keys: Readonly<Record<string, unknown>>;
    };
    const users = Object.keys(asked.device_keys);
    return Response.json({ device_keys: Object.fromEntries(users.map((userId) => [userId, {}])) });
  }
  if (pathname.endsWith('/keys/upload'))
    return Response.json({ one_time_key_counts: { signed_curve25519: 50 } });
  return Response.json({ errcode: 'M_NOT_FOUND', error: 'no' }, { status: 404 });
}

/** A client's crypto in a room of its own, without a homeserver. */
export class OfflineCrypto {
  readonly client: MatrixClient;
  readonly #room: Room;
  readonly #userId: string;
  #events = 0;

  private constructor(client: MatrixClient, room: Room, userId: string) {
    this.client = client;
    this.#room = room;
    this.#userId = userId;
  }

  /** @param crypto where the keys are; in memory without */
  static async open(
    device: CryptoDevice,
    crypto?: Pick<DeviceCrypto, 'databasePrefix' | 'storageKey' | 'opening'>,
  ): Promise<OfflineCrypto> {
    const client = createClient({
      ...{ baseUrl: 'https://example.org', accessToken: 'none', fetchFn: nobodyElse, logger: quiet },
      ...device,
    });
    if (crypto === undefined) await client.initRustCrypto({ useIndexedDB: false });
    else {
      const { databasePrefix: cryptoDatabasePrefix, storageKey } = crypto;
      await crypto.opening(() => client.initRustCrypto({ cryptoDatabasePrefix, storageKey }));
    }
    await client.getCrypto()?.checkKeyBackupAndEnable();
    const { userId } = device;
    const room = new Room(ROOM, client, userId);
    const state = (type: string, key: string, content: object) =>
      new MatrixEvent({
        ...{ type, content, state_key: key, event_id: `$${type}`, room_id: ROOM, sender: userId },
      });
    const encryption = state('m.room.encryption', '', {
      algorithm: 'm.megolm.v1.aes-sha2',
      rotation_period_msgs: 1_000,
    });
    room.currentState.setStateEvents([encryption, state('m.room.member', userId, { membership: 'join' })]);
    const offline = new OfflineCrypto(client, room, userId);
    await offline.#crypto.onCryptoEvent(room, encryption);
    return offline;
  }

  get #crypto(): EventCrypto {
    return this.client.getCrypto() as unknown as EventCrypto;
  }

  /** A message as others get it. */
  async encrypt(text: string): Promise<object & { readonly content: Readonly<Record<string, string>> }> {
    const content = { msgtype: 'm.text', body: text };
    const event = new MatrixEvent({ type: 'm.room.message', content, room_id: ROOM });
    await this.#crypto.encryptEvent(event, this.#room);
    this.#events += 1;
    return {
      ...{ type: 'm.room.encrypted', content: event.getWireContent(), room_id: ROOM, sender: this.#userId },
      ...{ event_id: `$${this.#userId}-${this.#events}`, origin_server_ts: Date.now() },
    };
  }

  async decrypt(event: object): Promise<unknown> {
    return (await this.#crypto.decryptEvent(new MatrixEvent(event))).clearEvent.content;
  }

  /** Takes the keys of another's sessions. */
  async takeKeysOf(other: OfflineCrypto): Promise<void> {
    const keys = (await other.client.getCrypto()?.exportRoomKeys()) ?? [];
    await this.client.getCrypto()?.importRoomKeys(keys);
  }

  end(): void {
    this.client.stopClient();
  }
}
