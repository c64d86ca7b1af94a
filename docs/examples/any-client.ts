import { createMatrixAuth } from 'matrix-auth-machine';
import { createClient } from 'matrix-js-sdk';

export const auth = createMatrixAuth(); // HOMESERVER_URL and the credentials from the environment
await auth.start();

export const whoami = auth.withTokenRefresh(async () => {
  const accessToken = await auth.accessToken();
  const client = createClient({ baseUrl: process.env['HOMESERVER_URL'] ?? '', accessToken });
  return client.whoami(); // if it throws a token error, all of this runs again with the new token
});
