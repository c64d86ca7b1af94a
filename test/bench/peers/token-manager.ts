import { login, tokensOf } from '../../synapse/api.ts';
import type { Peer, PeerOptions } from './peer.ts';

/** The class that many bots have: it logs in again when a request fails for its token, and asks once more. */
class TokenManager {
  readonly #url: string;
  readonly #fetch: typeof globalThis.fetch;
  #token = '';

  constructor(url: string, fetch: typeof globalThis.fetch) {
    this.#url = url;
    this.#fetch = fetch;
  }

  async logIn(): Promise<void> {
    this.#token = tokensOf(await login(this.#url, 'bot', 'password')).accessToken;
  }

  async call(path: string): Promise<unknown> {
    let response = await this.#ask(path);
    if (response.status === 401) {
      await response.body?.cancel();
      await this.logIn();
      response = await this.#ask(path);
    }
    return response.json();
  }

  #ask(path: string): Promise<Response> {
    return this.#fetch(`${this.#url}${path}`, { headers: { authorization: `Bearer ${this.#token}` } });
  }
}

export async function make({ url, fetch }: PeerOptions): Promise<Peer> {
  const manager = new TokenManager(url, fetch);
  await manager.logIn();
  return {
    name: 'a class that logs in again',
    call: () => manager.call('/_matrix/client/v3/account/whoami'),
  };
}
