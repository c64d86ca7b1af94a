import {
  ClientEvent,
  createClient,
  type MatrixClient,
  type MatrixEvent,
  RoomEvent,
  SyncState,
} from 'matrix-js-sdk';
import { afterEach, describe, expect, test } from 'vitest';
import { startTestHomeserver, type TestHomeserver } from '../../src/testing/index.ts';

// Synapse does not have it either, and the SDK asks for it all the same.
const NOWHERE = '/_matrix/client/unstable/org.matrix.msc4143/rtc/transports';

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, getChild: () => silent };

/** The suite that a release of matrix-js-sdk passes on the test homeserver. */
export function describeMatrixJsSdk(version: string): void {
  describe(`matrix-js-sdk ${version} on the test homeserver`, () => {
    let homeserver: TestHomeserver;
    const clients: MatrixClient[] = [];

    afterEach(async () => {
      for (const client of clients.splice(0)) client.stopClient();
      await homeserver.stop();
    });

    async function signIn(localpart: string): Promise<MatrixClient> {
      homeserver.createUser(localpart, 'password');
      const anonymous = createClient({ baseUrl: homeserver.url, logger: silent });
      const login = await anonymous.loginRequest({
        type: 'm.login.password',
        identifier: { type: 'm.id.user', user: localpart },
        password: 'password',
      });
      const client = createClient({
        baseUrl: homeserver.url,
        userId: login.user_id,
        deviceId: login.device_id,
        accessToken: login.access_token,
        logger: silent,
      });
      clients.push(client);
      return client;
    }

    async function start(client: MatrixClient): Promise<void> {
      const prepared = new Promise<void>((resolve, reject) => {
        client.on(ClientEvent.Sync, (state) => {
          if (state === SyncState.Prepared) resolve();
          if (state === SyncState.Error) reject(new Error('sync failed'));
        });
      });
      await client.startClient();
      await prepared;
    }

    const nextMessage = (client: MatrixClient) =>
      new Promise<MatrixEvent>((resolve) => {
        client.on(RoomEvent.Timeline, (event, _room, _toStart, _removed, data) => {
          if (event.getType() === 'm.room.message' && data.liveEvent) resolve(event);
        });
      });

    const nextInvitation = (client: MatrixClient) =>
      new Promise<string>((resolve) => {
        client.on(RoomEvent.MyMembership, (room, membership) => {
          if (membership === 'invite') resolve(room.roomId);
        });
      });

    test('logs in, syncs, invites, joins, sends and receives', async () => {
      homeserver = await startTestHomeserver();
      const alice = await signIn('alice');
      const bot = await signIn('bot');
      await Promise.all([start(alice), start(bot)]);

      const invited = nextInvitation(bot);
      const { room_id: roomId } = await alice.createRoom({ name: 'The room', invite: ['@bot:localhost'] });
      expect(await invited).toBe(roomId);
      await bot.joinRoom(roomId);

      const received = nextMessage(bot);
      await alice.sendTextMessage(roomId, 'hello');
      const message = await received;
      expect(message.getSender()).toBe('@alice:localhost');
      expect(message.getContent()['body']).toBe('hello');

      const room = bot.getRoom(roomId);
      expect(room?.name).toBe('The room');
      expect(room?.getMyMembership()).toBe('join');
      expect(
        room
          ?.getJoinedMembers()
          .map((member) => member.userId)
          .sort(),
      ).toEqual(['@alice:localhost', '@bot:localhost']);
      expect(homeserver.requests.filter((request) => (request.status ?? 200) === 400)).toEqual([]);
      const unknown = homeserver.requests.filter(({ errcode }) => errcode === 'M_UNRECOGNIZED');
      expect(new Set(unknown.map(({ path }) => path))).toEqual(new Set([NOWHERE]));
    });
  });
}
