import { createMatrixAuth, credentialsFromEnv } from 'matrix-auth-machine';
import { matrixJsSdk } from 'matrix-auth-machine/matrix-js-sdk';
import { type MatrixClient, RoomEvent } from 'matrix-js-sdk';

const auth = createMatrixAuth({
  homeserver: process.env['HOMESERVER_URL'],
  credentials: credentialsFromEnv(), // ACCESS_TOKEN, MATRIX_USERNAME and MATRIX_PASSWORD, or both
  client: matrixJsSdk({ onClient: listen }),
});

function listen(client: MatrixClient) {
  client.on(RoomEvent.Timeline, (event, room) => {
    if (!room || event.getType() !== 'm.room.message' || event.getSender() === client.getUserId()) return;
    client.sendNotice(room.roomId, `You said: ${event.getContent()['body']}`).catch(console.error);
  });
}

auth.on('failed', ({ advice }) => console.error(advice));
process.once('SIGTERM', () => void auth.stop());
await auth.start();
