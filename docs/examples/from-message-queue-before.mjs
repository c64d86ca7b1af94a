import { MatrixClient, SimpleFsStorageProvider } from 'matrix-bot-sdk';

const storage = new SimpleFsStorageProvider('bot.json');
const client = new MatrixClient(process.env.HOMESERVER_URL, process.env.ACCESS_TOKEN, storage);

const queue = [];
let sending = false;

async function send(roomId, content) {
  queue.push({ roomId, content });
  if (sending) return;
  sending = true;
  while (queue.length > 0) {
    try {
      await client.sendMessage(queue[0].roomId, queue[0].content);
      queue.shift();
    } catch (error) {
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs ?? 1_000));
    }
  }
  sending = false;
}

client.on('room.message', async (roomId, event) => {
  if (event.content?.msgtype !== 'm.text' || event.sender === (await client.getUserId())) return;
  void send(roomId, { msgtype: 'm.notice', body: `You said: ${event.content.body}` });
});
await client.start();
