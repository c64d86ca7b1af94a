import { createMatrixAuth } from 'matrix-auth-machine';
import { matrixBotSdk } from 'matrix-auth-machine/matrix-bot-sdk';
import { sqliteSessions } from 'matrix-auth-machine/sqlite';
import { MatrixClient, MatrixError, SimpleFsStorageProvider } from 'matrix-bot-sdk';

const storage = new SimpleFsStorageProvider('bot.json'); // where the bot stopped, it goes on

const auth = createMatrixAuth({
  homeserver: process.env.HOMESERVER_URL,
  sessions: sqliteSessions('bot.db'), // signed in once, by: npx matrix-auth-machine login
  client: matrixBotSdk({
    create: ({ homeserverUrl, accessToken }) => new MatrixClient(homeserverUrl, accessToken, storage),
    onMessage: answer,
    MatrixError,
  }),
});

async function answer({ roomId, event }) {
  if (event.content.msgtype !== 'm.text') return;
  const content = { msgtype: 'm.notice', body: `You said: ${event.content.body}` };
  await auth.send(roomId, content, { id: `answer to ${event.event_id}` });
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => auth.stop().finally(() => process.exit()));
}
await auth.start();
