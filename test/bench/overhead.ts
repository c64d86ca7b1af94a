import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createMatrixAuth, credentials } from '../../src/index.ts';
import { compare, ratioInWords, type Row } from './measure.ts';

const RUNS = 60;
const CALLS = 300;

/** What `auth.fetch` costs while nothing is amiss. */
export async function overhead(): Promise<Row> {
  const worker = new Worker(new URL('bare-server.ts', import.meta.url));
  const [url]: string[] = await once(worker, 'message');
  if (url === undefined) throw new Error('The server named no address.');
  const auth = createMatrixAuth({ homeserver: url, credentials: credentials({ accessToken: 'token' }) });
  await auth.start();

  const target = `${url}/_matrix/client/v3/account/whoami`;
  const authorized = { headers: { authorization: 'Bearer token' } };
  const timed = async (call: () => Promise<Response>) => {
    const startedAt = performance.now();
    for (let count = 0; count < CALLS; count += 1) await (await call()).arrayBuffer();
    return performance.now() - startedAt;
  };
  const comparison = await compare(
    RUNS,
    () => timed(() => auth.fetch(target)),
    () => timed(() => fetch(target, authorized)),
  );
  await auth.stop();
  await worker.terminate();

  const perCall = (ms: number) => `${((ms / CALLS) * 1_000).toFixed(0)} µs`;
  return {
    what: '`auth.fetch` over bare `fetch`, one call after another on loopback',
    result: `${ratioInWords(comparison)}: ${perCall(comparison.subjectMs)} over ${perCall(comparison.referenceMs)} a call`,
    runs: `${RUNS} of ${CALLS} calls each`,
  };
}
