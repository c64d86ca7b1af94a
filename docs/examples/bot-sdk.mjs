import { createMatrixAuth, credentialsFromEnv } from 'matrix-auth-machine';
import { matrixBotSdk } from 'matrix-auth-machine/matrix-bot-sdk';
import { AutojoinRoomsMixin, LogLevel, LogService, MatrixClient, MatrixError } from 'matrix-bot-sdk';

LogService.setLevel(LogLevel.WARN); // the SDK prints each step of its start otherwise

const auth = createMatrixAuth({
  homeserver: process.env.HOMESERVER_URL,
  credentials: credentialsFromEnv(), // ACCESS_TOKEN, or MATRIX_USERNAME and MATRIX_PASSWORD, or all three
  client: matrixBotSdk({
    create: ({ homeserverUrl, accessToken, storage }) =>
      new MatrixClient(homeserverUrl, accessToken, storage),
    onClient: (client) => AutojoinRoomsMixin.setupOnClient(client),
    onMessage: answer,
    MatrixError,
  }),
});

async function answer({ roomId, event }) {
  const { msgtype, body } = event.content;
  if (msgtype !== 'm.text') return;
  // It is queued and sent once, where client.sendNotice() gives up when it is refused for a moment.
  const content = { msgtype: 'm.notice', body: `You said: ${body}` };
  await auth.send(roomId, content, { id: `answer to ${event.event_id}` });
}

setInterval(() => {}, 60_000); // if the session fails, the bot stays up and waits for you
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => auth.stop().finally(() => process.exit()));
}
auth.start().catch(() => {}); // the log says what went wrong, and what to do
