import { createMatrixAuth } from 'matrix-auth-machine';
import { matrixJsSdk } from 'matrix-auth-machine/matrix-js-sdk';
import { sqliteSessions } from 'matrix-auth-machine/sqlite';
import { RoomEvent } from 'matrix-js-sdk';

const auth = createMatrixAuth({
  sessions: sqliteSessions('bot.db'), // HOMESERVER_URL and the credentials from the environment
  client: matrixJsSdk({ onClient: acceptInvitations, onMessage: answer }),
});

function acceptInvitations(client) {
  client.on(RoomEvent.MyMembership, (room, membership) => {
    if (membership === 'invite') client.joinRoom(room.roomId).catch(console.error);
  });
}

async function answer({ room, event }) {
  const { msgtype, body } = event.getContent();
  if (msgtype !== 'm.text') return;
  const content = { msgtype: 'm.notice', body: `You said: ${body}` };
  await auth.send(room.roomId, content, { id: `answer to ${event.getId()}` });
}

auth.on('outgoing', ({ outcome, roomId, why }) => {
  if (outcome !== 'delivered') console.error(`Not sent to ${roomId}: ${why ?? 'it became too old'}`);
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => auth.stop().finally(() => process.exit()));
}
await auth.start();
