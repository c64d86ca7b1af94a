import { createClient, RoomEvent } from 'matrix-js-sdk';

const client = createClient({
  baseUrl: process.env.HOMESERVER_URL,
  accessToken: process.env.ACCESS_TOKEN,
  userId: process.env.MATRIX_USER_ID,
});

client.on(RoomEvent.Timeline, (event, room, toStartOfTimeline) => {
  if (toStartOfTimeline || event.getContent().msgtype !== 'm.text') return;
  if (event.getSender() === client.getUserId()) return;
  client.sendNotice(room.roomId, `You said: ${event.getContent().body}`).catch(console.error);
});
await client.startClient();
