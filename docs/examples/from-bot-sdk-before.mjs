import { MatrixClient, SimpleFsStorageProvider } from 'matrix-bot-sdk';

const storage = new SimpleFsStorageProvider('bot.json');
const client = new MatrixClient(process.env.HOMESERVER_URL, process.env.ACCESS_TOKEN, storage);

function listen(client) {
  client.on('room.message', async (roomId, event) => {
    if (event.content?.msgtype !== 'm.text' || event.sender === (await client.getUserId())) return;
    await client.sendNotice(roomId, `You said: ${event.content.body}`);
  });
}

listen(client);
await client.start();
