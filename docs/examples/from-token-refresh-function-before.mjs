import { readFileSync, writeFileSync } from 'node:fs';
import { createClient, RoomEvent } from 'matrix-js-sdk';

const baseUrl = process.env.HOMESERVER_URL;
const tokens = JSON.parse(readFileSync('tokens.json', 'utf8'));

const client = createClient({
  baseUrl,
  userId: tokens.user_id,
  deviceId: tokens.device_id,
  accessToken: tokens.access_token,
  refreshToken: tokens.refresh_token,
  async tokenRefreshFunction(refreshToken) {
    const response = await fetch(`${baseUrl}/_matrix/client/v3/refresh`, {
      method: 'POST',
      body: JSON.stringify({ refresh_token: refreshToken }),
    });
    Object.assign(tokens, await response.json());
    writeFileSync('tokens.json', JSON.stringify(tokens));
    return { accessToken: tokens.access_token, refreshToken: tokens.refresh_token };
  },
});

client.on(RoomEvent.Timeline, (event, room, toStartOfTimeline) => {
  if (toStartOfTimeline || event.getContent().msgtype !== 'm.text') return;
  if (event.getSender() === client.getUserId()) return;
  client.sendNotice(room.roomId, `You said: ${event.getContent().body}`).catch(console.error);
});
await client.startClient();
