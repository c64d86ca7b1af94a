import { ClientEvent, createClient, RoomEvent } from 'matrix-js-sdk';

const client = createClient({
  baseUrl: process.env.HOMESERVER_URL,
  userId: `@${process.env.MATRIX_USERNAME}:localhost`,
  deviceId: process.env.MATRIX_DEVICE_ID,
  accessToken: process.env.ACCESS_TOKEN,
});

client.once(ClientEvent.Sync, () => {
  client.on(RoomEvent.Timeline, (event, room) => {
    if (event.getType() !== 'm.room.message' || event.getSender() === client.getUserId()) return;
    client.sendTextMessage(room.roomId, `You said: ${event.getContent().body}`).catch(console.error);
  });
});

await client.startClient();
