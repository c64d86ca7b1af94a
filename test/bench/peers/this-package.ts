import { createMatrixAuth, credentials } from '../../../src/index.ts';
import type { Peer, PeerOptions } from './peer.ts';

/** This package, without a client. */
export async function make({ url, fetch }: PeerOptions): Promise<Peer> {
  const auth = createMatrixAuth({
    ...{ homeserver: url, fetch, logger: false },
    credentials: credentials({ username: 'bot', password: 'password' }),
    // Never ahead of the expiry: it is the 401 that is measured.
    schedule: { refreshAfter: 1e6 },
  });
  await auth.start();
  return {
    name: 'this package',
    async call() {
      const response = await auth.fetch(`${url}/_matrix/client/v3/account/whoami`);
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`The repeated call was answered ${response.status}.`);
    },
    stop: () => auth.stop(),
  };
}
