// A process of its own, since some peers cannot be in one: measures the peer whose file is its first argument, and prints
// the comparison as JSON, or null if it does not recover. A second argument: on a homeserver with OAuth 2.0.
import { setTimeout as sleep } from 'node:timers/promises';
import { startFaultProxy, startTestHomeserver } from '../../src/testing/index.ts';
import { login, refresh, tokensOf, whoami } from '../synapse/api.ts';
import { compare, type Comparison } from './measure.ts';
import type { Peer, PeerOptions } from './peers/peer.ts';

const RUNS = 11;
const LATENCY_MS = 50;
const LIFETIME_MS = 300;
const EARLY_MS = 30_000;

const [, , file = '', oauth] = process.argv;
const { make } = (await import(`./peers/${file}.ts`)) as { make: (options: PeerOptions) => Promise<Peer> };

/** What a call takes that finds its token expired, from the 401 on: at best, a refresh and the call once more. */
async function measured(): Promise<{ readonly name: string; readonly comparison: Comparison | null }> {
  const homeserver = await startTestHomeserver({
    // matrix-js-sdk 43 knows when its token ends, and would renew it before: there it is ended early instead.
    accessTokenLifetimeMs: oauth === undefined ? LIFETIME_MS : EARLY_MS,
    users: [{ localpart: 'bot', password: 'password' }],
    oauth: oauth !== undefined,
  });
  const proxy = await startFaultProxy({ target: homeserver.url });
  let refusedAt = Number.NaN;
  const peer = await make({
    ...{ url: proxy.url, homeserver },
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (response.status === 401) refusedAt = performance.now();
      return response;
    },
  });
  try {
    let session = tokensOf(await login(proxy.url, 'bot', 'password'));
    proxy.latencyMs = LATENCY_MS;
    const comparison = await compare(
      RUNS,
      async () => {
        if (oauth === undefined) await sleep(LIFETIME_MS + 20);
        else homeserver.expireTokens();
        refusedAt = Number.NaN;
        await peer.call();
        return performance.now() - refusedAt;
      },
      async () => {
        const startedAt = performance.now();
        session = tokensOf(await refresh(proxy.url, session.refreshToken));
        await whoami(proxy.url, session.accessToken);
        return performance.now() - startedAt;
      },
    );
    return { name: peer.name, comparison };
  } catch {
    return { name: peer.name, comparison: null };
  } finally {
    await peer.stop?.();
    await proxy.stop();
    await homeserver.stop();
  }
}

process.stdout.write(`\n${JSON.stringify(await measured())}\n`);
process.exit(0);
