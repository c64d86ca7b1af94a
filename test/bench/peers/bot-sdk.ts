import { MatrixClient as BotSdkClient } from 'matrix-bot-sdk';
import { login, tokensOf } from '../../synapse/api.ts';
import type { Peer, PeerOptions } from './peer.ts';

/** matrix-bot-sdk: a token, and nothing for its end. */
export async function make({ url }: PeerOptions): Promise<Peer> {
  const { accessToken } = tokensOf(await login(url, 'bot', 'password'));
  const client = new BotSdkClient(url, accessToken);
  return { name: 'matrix-bot-sdk', call: () => client.getWhoAmI() };
}
