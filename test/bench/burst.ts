import { startTestHomeserver } from '../../src/adapters/testing/index.ts';
import { createMatrixAuth, credentials } from '../../src/index.ts';
import { median, type Row } from './measure.ts';

const RUNS = 7;
const CALLS = 1_000;

interface Burst {
  readonly refused: number;
  readonly refreshes: number;
  readonly failures: number;
  readonly ms: number;
}

/** Many calls at once, all with a token that expires under way. */
export async function burst(): Promise<Row> {
  const bursts: Burst[] = [];
  for (let run = 0; run < RUNS; run += 1) bursts.push(await oneBurst());
  const worst = (of: (burst: Burst) => number) => Math.max(...bursts.map(of));
  const refused = median(bursts.map((one) => one.refused));
  const ms = median(bursts.map((one) => one.ms));
  return {
    what: `${CALLS.toLocaleString('en')} calls in flight at the expiry`,
    result:
      `${worst((one) => one.refreshes)} refresh, ${worst((one) => one.failures)} failures (the worst of all runs); ` +
      `${refused.toLocaleString('en')} calls were refused, and all answered within ${ms.toFixed(0)} ms`,
    runs: String(RUNS),
  };
}

async function oneBurst(): Promise<Burst> {
  const user = { localpart: 'bot', password: 'password' };
  const homeserver = await startTestHomeserver({ users: [user] });
  const underWay = Promise.withResolvers<void>();
  const sent = Promise.withResolvers<void>();
  let waiting = 0;
  const auth = createMatrixAuth({
    homeserver: homeserver.url,
    credentials: credentials({ username: user.localpart, password: user.password }),
    fetch: async (input, init) => {
      // Each call has its token by now, and waits here, as on a slow line, until all have.
      if (String(input).endsWith('/devices')) {
        waiting += 1;
        if (waiting === CALLS) underWay.resolve();
        await sent.promise;
      }
      return await fetch(input, init);
    },
  });
  await auth.start();

  const calls = Array.from({ length: CALLS }, async () => {
    const response = await auth.fetch(`${homeserver.url}/_matrix/client/v3/devices`);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`Answered ${response.status}.`);
  });
  await underWay.promise;
  homeserver.expireTokens();
  const startedAt = performance.now();
  sent.resolve();
  const outcomes = await Promise.allSettled(calls);
  const ms = performance.now() - startedAt;
  const refused = homeserver.requests.filter(({ status }) => status === 401).length;
  const { refreshes } = homeserver;
  await auth.stop();
  await homeserver.stop();
  return { refused, refreshes, failures: outcomes.filter(({ status }) => status === 'rejected').length, ms };
}
