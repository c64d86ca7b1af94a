import { type MatrixClient, RoomEvent } from 'matrix-js-sdk';

import { matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import type { BotUnderTest } from '../../src/testing/index.ts';
import { quietLogger } from '../support/bot.ts';
import { createMatrixAuth, credentials, type MatrixAuth } from '../../src/index.ts';

/** An echo bot on this module, as its documentation says. */
export const onThisModule: BotUnderTest<MatrixAuth<MatrixClient>> = {
  async start({ homeserverUrl, username, password, accessToken, refreshToken, deviceId }) {
    const auth = createMatrixAuth({
      homeserver: homeserverUrl,
      credentials: credentials({
        username,
        password,
        deviceId,
        ...(accessToken === undefined ? {} : { accessToken }),
        ...(refreshToken === undefined ? {} : { refreshToken }),
      }),
      client: matrixJsSdk({
        create: { logger: quietLogger },
        onClient: (client) => {
          client.on(RoomEvent.Timeline, (event, room) => {
            if (!room || event.getType() !== 'm.room.message' || event.getSender() === client.getUserId())
              return;
            client.sendNotice(room.roomId, `You said: ${event.getContent()['body']}`).catch(() => undefined);
          });
        },
      }),
      logger: { warn: () => undefined, error: () => undefined },
    });
    await auth.start();
    return auth;
  },
  stop: (auth) => auth.stop(),
};
