import { createClient as createClient42 } from 'matrix-js-sdk-42';
import { login, refresh, tokensOf } from '../../synapse/api.ts';
import { type Peer, type PeerOptions, quietLogger } from './peer.ts';

/** matrix-js-sdk 42: a `tokenRefreshFunction` that asks `/refresh`. */
export async function make({ url, fetch }: PeerOptions): Promise<Peer> {
  const session = tokensOf(await login(url, 'bot', 'password'));
  const client = createClient42({
    ...{ baseUrl: url, userId: '@bot:localhost', deviceId: session.deviceId, fetchFn: fetch },
    ...{ accessToken: session.accessToken, refreshToken: session.refreshToken, logger: quietLogger },
    async tokenRefreshFunction(refreshToken: string) {
      const next = tokensOf(await refresh(url, refreshToken));
      return { accessToken: next.accessToken, refreshToken: next.refreshToken };
    },
  });
  return { name: 'matrix-js-sdk 42 with tokenRefreshFunction', call: () => client.whoami() };
}
