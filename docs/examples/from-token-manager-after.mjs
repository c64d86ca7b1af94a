import { createMatrixAuth, credentialsFromEnv } from 'matrix-auth-machine';
import { matrixJsSdk } from 'matrix-auth-machine/matrix-js-sdk';
import { sqliteSessions } from 'matrix-auth-machine/sqlite';

const auth = createMatrixAuth({
  homeserver: process.env.HOMESERVER_URL,
  credentials: credentialsFromEnv(),
  sessions: sqliteSessions('bot.db'),
  client: matrixJsSdk(),
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => auth.stop().finally(() => process.exit()));
}
await auth.start();

const say = (roomId) => auth.run((client) => client.sendNotice(roomId, new Date().toISOString()));

for (const roomId of process.argv.slice(2)) {
  setInterval(() => void say(roomId).catch(() => {}), 500);
}
