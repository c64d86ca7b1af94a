import { createMatrixAuth, credentialsFromEnv } from 'matrix-auth-machine';
import { matrixJsSdk } from 'matrix-auth-machine/matrix-js-sdk';
import { RoomEvent } from 'matrix-js-sdk';

const auth = createMatrixAuth({
  homeserver: process.env.HOMESERVER_URL,
  credentials: credentialsFromEnv(), // ACCESS_TOKEN, or MATRIX_USERNAME and MATRIX_PASSWORD, or all three
  client: matrixJsSdk({ onClient: acceptInvitations, onMessage: answer }),
});

function acceptInvitations(client) {
  client.on(RoomEvent.MyMembership, (room, membership) => {
    if (membership === 'invite') client.joinRoom(room.roomId).catch(console.error);
  });
}

async function answer({ client, room, event }) {
  const { msgtype, body } = event.getContent();
  if (msgtype === 'm.text') await client.sendNotice(room.roomId, `You said: ${body}`);
}

setInterval(() => {}, 60_000); // if the session fails, the bot stays up and waits for you: no restart loop, no login loop
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => auth.stop().finally(() => process.exit()));
}
auth.start().catch(() => {}); // the log says what went wrong, and what to do
