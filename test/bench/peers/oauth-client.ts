import { createClient } from 'matrix-js-sdk';
import { type Peer, type PeerOptions, quietLogger } from './peer.ts';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const DEVICE = 'PEERDEVICE1';

/** matrix-js-sdk 43: its own refresh, of OAuth 2.0. */
export async function make({ url, homeserver, fetch: sdkFetch }: PeerOptions): Promise<Peer> {
  const form = async (path: string, fields: Record<string, string>) => {
    const response = await fetch(`${url}${path}`, { method: 'POST', body: new URLSearchParams(fields) });
    return (await response.json()) as Record<string, string>;
  };
  const registered = await fetch(`${url}/oauth2/registration`, {
    method: 'POST',
    body: JSON.stringify({
      ...{ client_name: 'A bot', client_uri: 'https://bot.example/', response_types: [] },
      ...{ grant_types: [DEVICE_CODE, 'refresh_token'], token_endpoint_auth_method: 'none' },
    }),
  });
  const { client_id: clientId = '' } = (await registered.json()) as Record<string, string>;
  const scope = `urn:matrix:client:api:* urn:matrix:client:device:${DEVICE}`;
  const { device_code: code = '' } = await form('/oauth2/device', { client_id: clientId, scope });
  homeserver.oauth.approve('@bot:localhost');
  const tokens = await form('/oauth2/token', {
    ...{ grant_type: DEVICE_CODE, client_id: clientId, device_code: code },
  });
  const client = createClient({
    ...{ baseUrl: url, userId: '@bot:localhost', deviceId: DEVICE, fetchFn: sdkFetch, logger: quietLogger },
    ...{ accessToken: tokens['access_token'] ?? '', refreshToken: tokens['refresh_token'] ?? '' },
    oauthClientId: clientId,
    onTokenRefresh: () => undefined,
  });
  return { name: 'matrix-js-sdk 43 with its OAuth refresh', call: () => client.whoami() };
}
