import { setTimeout as sleep } from 'node:timers/promises';
import { startFaultProxy, startTestHomeserver } from '../../src/testing/index.ts';
import { createMatrixAuth, credentials } from '../../src/index.ts';
import { login, refresh, tokensOf, whoami } from '../synapse/api.ts';
import { compare, ratioInWords, type Row } from './measure.ts';

const RUNS = 30;
const LATENCY_MS = 50;
const LIFETIME_MS = 300;

/** What a call takes that finds its token expired, from the 401 on: at best, a refresh and the call once more. */
export async function expiry(): Promise<Row> {
  const user = { localpart: 'bot', password: 'password' };
  const homeserver = await startTestHomeserver({ accessTokenLifetimeMs: LIFETIME_MS, users: [user] });
  const proxy = await startFaultProxy({ target: homeserver.url });
  proxy.latencyMs = LATENCY_MS;

  let refusedAt = 0;
  const auth = createMatrixAuth({
    homeserver: proxy.url,
    credentials: credentials({ username: user.localpart, password: user.password }),
    // Never ahead of the expiry: it is the 401 that is measured.
    schedule: { refreshAfter: 1e6 },
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (response.status === 401) refusedAt = performance.now();
      return response;
    },
  });
  await auth.start();
  let session = tokensOf(await login(proxy.url, user.localpart, user.password));

  const comparison = await compare(
    RUNS,
    async () => {
      await sleep(LIFETIME_MS + 20);
      refusedAt = Number.NaN;
      const response = await auth.fetch(`${proxy.url}/_matrix/client/v3/account/whoami`);
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`The repeated call was answered ${response.status}.`);
      return performance.now() - refusedAt;
    },
    async () => {
      const startedAt = performance.now();
      session = tokensOf(await refresh(proxy.url, session.refreshToken));
      await whoami(proxy.url, session.accessToken);
      return performance.now() - startedAt;
    },
  );
  await auth.stop();
  await proxy.stop();
  await homeserver.stop();

  const { subjectMs, referenceMs } = comparison;
  return {
    what: `From a 401 to the repeated answer, over one refresh and one request, at ${LATENCY_MS} ms a request`,
    result: `${ratioInWords(comparison)}: ${subjectMs.toFixed(1)} ms over ${referenceMs.toFixed(1)} ms`,
    runs: String(RUNS),
  };
}
