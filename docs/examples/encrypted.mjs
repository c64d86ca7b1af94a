import { createMatrixAuth } from 'matrix-auth-machine';
import { matrixJsSdk } from 'matrix-auth-machine/matrix-js-sdk';
import { sqliteSessions } from 'matrix-auth-machine/sqlite';
import { sqliteCrypto } from 'matrix-auth-machine/sqlite-crypto';
import { RoomEvent } from 'matrix-js-sdk';

const auth = createMatrixAuth({
  sessions: sqliteSessions('bot.db'), // HOMESERVER_URL and the credentials from the environment
  client: matrixJsSdk({
    crypto: sqliteCrypto('bot-crypto.db'),
    onClient: acceptInvitations,
    onMessage: answer,
  }),
});

function acceptInvitations(client) {
  client.on(RoomEvent.MyMembership, (room, membership) => {
    if (membership === 'invite') client.joinRoom(room.roomId).catch(console.error);
  });
}

async function answer({ room, event }) {
  const { msgtype, body } = event.getContent(); // decrypted
  if (msgtype !== 'm.text') return;
  const content = { msgtype: 'm.notice', body: `You said: ${body}` };
  await auth.send(room.roomId, content, { id: `answer to ${event.getId()}` }); // encrypted, if the room is
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => auth.stop().finally(() => process.exit()));
}
await auth.start();
