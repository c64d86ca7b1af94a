import { createMatrixAuth } from 'matrix-auth-machine';
import { matrixJsSdk } from 'matrix-auth-machine/matrix-js-sdk';
import { sqliteSessions } from 'matrix-auth-machine/sqlite';
import { RoomEvent } from 'matrix-js-sdk';

const auth = createMatrixAuth({
  homeserver: process.env.HOMESERVER_URL,
  sessions: sqliteSessions('bot.db'), // signed in once, by: npx matrix-auth-machine login
  client: matrixJsSdk({ onClient: listen }),
});

function listen(client) {
  client.on(RoomEvent.Timeline, (event, room) => {
    if (event.getContent().msgtype !== 'm.text' || event.getSender() === client.getUserId()) return;
    client.sendNotice(room.roomId, `You said: ${event.getContent().body}`).catch(console.error);
  });
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => auth.stop().finally(() => process.exit()));
}
await auth.start();
