import { startTestHomeserver } from '../../src/testing/index.ts';
import { createMatrixAuth, credentials } from '../../src/index.ts';
import { compare, median, type Row } from './measure.ts';

const RUNS = 7;
const CALLS = 1_000;

interface Burst {
  readonly ms: number;
  readonly refused: number;
  readonly refreshes: number;
  readonly failures: number;
  /** What the refresh took. */
  readonly refreshMs: number;
}

/** Many calls at once, all with a token that expires under way, over as many that meet nothing. */
export async function herd(): Promise<Row> {
  const bursts: Burst[] = [];
  const comparison = await compare(
    RUNS,
    async () => {
      const one = await oneBurst({ expire: true });
      bursts.push(one);
      return one.ms;
    },
    async () => (await oneBurst({ expire: false })).ms,
  );
  const worst = (of: (burst: Burst) => number) => Math.max(...bursts.map(of));
  const fewest = Math.min(...bursts.map(({ refused }) => refused));
  if (fewest !== CALLS) throw new Error(`Only ${fewest} calls met the expiry.`);
  const refreshes = worst((run) => run.refreshes);
  const failures = worst((run) => run.failures);
  const refreshMs = median(bursts.map((run) => run.refreshMs));
  const ratio = comparison.subjectMs / (comparison.referenceMs + refreshMs);
  return {
    what: `${CALLS.toLocaleString('en')} calls in flight at the expiry, over as many without one and one refresh`,
    result:
      `${refreshes} refresh and ${failures} failures in the worst run; ${ratio.toFixed(2)} times: ` +
      `${comparison.subjectMs.toFixed(0)} ms over ${(comparison.referenceMs + refreshMs).toFixed(0)} ms`,
    reach: '1; 0; ≤ 1.15',
    reached: refreshes === 1 && failures === 0 && ratio <= 1.15,
    runs: String(RUNS),
    figures: { refreshes, failures, ratio },
  };
}

async function oneBurst({ expire }: { readonly expire: boolean }): Promise<Burst> {
  const user = { localpart: 'bot', password: 'password' };
  const homeserver = await startTestHomeserver({ users: [user] });
  const underWay = Promise.withResolvers<void>();
  const sent = Promise.withResolvers<void>();
  let waiting = 0;
  let refreshMs = 0;
  const auth = createMatrixAuth({
    homeserver: homeserver.url,
    logger: false,
    credentials: credentials({ username: user.localpart, password: user.password }),
    fetch: async (input, init) => {
      const path = input instanceof Request ? input.url : String(input);
      if (path.endsWith('/refresh')) {
        const startedAt = performance.now();
        const response = await fetch(input, init);
        refreshMs = performance.now() - startedAt;
        return response;
      }
      // Each call has its token by now, and waits here, as on a slow line, until all have.
      if (path.endsWith('/devices')) {
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
  if (expire) homeserver.expireTokens();
  const startedAt = performance.now();
  sent.resolve();
  const outcomes = await Promise.allSettled(calls);
  const ms = performance.now() - startedAt;
  const { refreshes } = homeserver;
  const refused = homeserver.requests.filter(({ status }) => status === 401).length;
  await auth.stop();
  await homeserver.stop();
  const failures = outcomes.filter(({ status }) => status === 'rejected').length;
  return { ms, refused, refreshes, failures, refreshMs };
}
