import { createMatrixAuth } from 'matrix-auth-machine';
import { matrixJsSdk } from 'matrix-auth-machine/matrix-js-sdk';
import { RoomEvent } from 'matrix-js-sdk';

// It reads HOMESERVER_URL, MATRIX_USERNAME, MATRIX_PASSWORD and the other variables by itself.
const auth = createMatrixAuth({ client: matrixJsSdk({ onClient: listen }) });

function listen(client) {
  client.on(RoomEvent.Timeline, (event, room) => {
    if (event.getType() !== 'm.room.message' || event.getSender() === client.getUserId()) return;
    client.sendTextMessage(room.roomId, `You said: ${event.getContent().body}`).catch(console.error);
  });
}

auth.on('failed', ({ advice }) => console.error(advice));
process.once('SIGTERM', () => auth.stop());
await auth.start();
