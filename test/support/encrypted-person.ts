import {
  ClientEvent,
  createClient,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
  RoomEvent,
  SyncState,
} from 'matrix-js-sdk';
import { quietLogger } from './bot.ts';
import { Person } from './rest.ts';

/** A person who reads and writes encrypted rooms, with keys in memory. */
export class EncryptedPerson {
  readonly client: MatrixClient;
  /** What others have said, in the order of the room. */
  readonly #said: MatrixEvent[] = [];
  readonly #watchers = new Set<() => void>();

  private constructor(client: MatrixClient) {
    this.client = client;
  }

  static async signIn(
    url: string,
    user: { readonly localpart: string; readonly password: string },
    atTheEnd: (work: () => void) => void,
  ): Promise<EncryptedPerson> {
    const { tokens } = await Person.signIn(url, user);
    const client = createClient({
      baseUrl: url,
      accessToken: tokens.access_token,
      userId: tokens.user_id,
      deviceId: tokens.device_id,
      logger: quietLogger,
    });
    const person = new EncryptedPerson(client);
    await client.initRustCrypto({ useIndexedDB: false });
    client.on(RoomEvent.Timeline, (event) => {
      if (event.getSender() === client.getUserId()) return;
      person.#said.push(event);
      const note = () => {
        if (!canBeRead(event)) return;
        event.off(MatrixEventEvent.Decrypted, note);
        for (const watcher of [...person.#watchers]) watcher();
      };
      event.on(MatrixEventEvent.Decrypted, note);
      note();
    });
    atTheEnd(() => client.stopClient());
    const synced = new Promise<void>((resolve) => {
      client.on(ClientEvent.Sync, (state) => {
        if (state === SyncState.Syncing) resolve();
      });
    });
    await client.startClient({ pollTimeout: 5_000 });
    await synced;
    return person;
  }

  /** What others have said, by its text, as far as it can be read, in the order of the room. */
  get heard(): readonly string[] {
    return this.#said.filter(canBeRead).map((event) => String(event.getContent()['body']));
  }

  async createRoom(invite: readonly string[]): Promise<string> {
    const { room_id: roomId } = await this.client.createRoom({
      invite: [...invite],
      preset: 'public_chat' as never,
      initial_state: [
        { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
      ],
    });
    await this.#until(() => this.client.getRoom(roomId)?.hasEncryptionStateEvent() === true);
    return roomId;
  }

  /** Resolves when this person knows that somebody is in the room, as what is said is encrypted for those. */
  async sees(userId: string, roomId: string): Promise<void> {
    await this.#until(() => this.client.getRoom(roomId)?.getMember(userId)?.membership === 'join');
  }

  async say(roomId: string, text: string): Promise<string> {
    return (await this.client.sendTextMessage(roomId, text)).event_id;
  }

  /** Resolves when this was said to this person, and could be read. */
  async hears(text: string): Promise<void> {
    await this.#until(() => this.heard.includes(text));
  }

  /** The identity keys of somebody's devices, as this person knows them. */
  async keysOf(userId: string): Promise<Record<string, string | undefined>> {
    const devices = await this.client.getCrypto()?.getUserDeviceInfo([userId], true);
    return Object.fromEntries(
      [...(devices?.get(userId) ?? [])].map(([deviceId, device]) => [deviceId, device.getIdentityKey()]),
    );
  }

  #until(done: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const watcher = () => {
        if (!done()) return;
        this.#watchers.delete(watcher);
        this.client.off(ClientEvent.Sync, watcher);
        resolve();
      };
      this.#watchers.add(watcher);
      // Looked at after each answer of the sync, too.
      this.client.on(ClientEvent.Sync, watcher);
      watcher();
    });
  }
}

function canBeRead(event: MatrixEvent): boolean {
  return event.getType() === 'm.room.message' && !event.isDecryptionFailure();
}
