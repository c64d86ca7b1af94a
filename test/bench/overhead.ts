import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createMatrixAuth, credentials } from '../../src/index.ts';
import { compare, type Row } from './measure.ts';

/** Many short runs: what else the machine does falls on the few, and the median does not see it. */
const RUNS = 1_000;
const CALLS = 20;

/** What `auth.fetch` costs while nothing is amiss. */
export async function overhead(): Promise<Row> {
  const server = fork(fileURLToPath(new URL('bare-server.ts', import.meta.url)));
  const [url]: string[] = await once(server, 'message');
  if (url === undefined) throw new Error('The server named no address.');
  const auth = createMatrixAuth({
    ...{ homeserver: url, credentials: credentials({ accessToken: 'token' }), logger: false },
  });
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
  server.kill();

  const perCall = (ms: number) => `${((ms / CALLS) * 1_000).toFixed(0)} µs`;
  const speed = 1 / comparison.ratio;
  return {
    what: 'The speed of `auth.fetch` over that of bare `fetch`, one call after another on loopback',
    result: `${speed.toFixed(2)}: ${perCall(comparison.subjectMs)} against ${perCall(comparison.referenceMs)} a call`,
    reach: '≥ 0.98',
    reached: speed >= 0.98,
    runs: `${RUNS.toLocaleString('en')} of ${CALLS} calls each`,
    figures: { speed, authMs: comparison.subjectMs / CALLS, bareMs: comparison.referenceMs / CALLS },
  };
}
