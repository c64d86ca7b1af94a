import { ClientEvent, createClient, type MatrixClient, RoomEvent, SyncState } from 'matrix-js-sdk';

import type { BotUnderTest } from '../../src/testing/index.ts';
import { quietLogger } from '../support/bot.ts';

/**
 * An echo bot on matrix-js-sdk 43 alone, with all that its documentation offers a session with a refresh token. The
 * SDK renews tokens by OAuth 2.0 only; one from `/login` it lets die, and ends its sync loop.
 */
export const bareMatrixJsSdk: BotUnderTest<MatrixClient> = {
  async start({ homeserverUrl, userId, accessToken, refreshToken, deviceId }) {
    const client = createClient({
      baseUrl: homeserverUrl,
      userId,
      deviceId,
      logger: quietLogger,
      ...(accessToken === undefined ? {} : { accessToken }),
      ...(refreshToken === undefined ? {} : { refreshToken }),
    });
    const prepared = new Promise<void>((resolve) => {
      client.on(ClientEvent.Sync, (state) => state === SyncState.Prepared && resolve());
    });
    await client.startClient();
    await prepared;
    client.on(RoomEvent.Timeline, (event, room, toStartOfTimeline) => {
      if (!room || toStartOfTimeline || event.getType() !== 'm.room.message') return;
      if (event.getSender() === client.getUserId()) return;
      client.sendNotice(room.roomId, `You said: ${event.getContent()['body']}`).catch(() => undefined);
    });
    return client;
  },
  stop: (client) => client.stopClient(),
};
