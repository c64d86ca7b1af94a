// A process of its own, with --expose-gc and a young generation that holds all: prints as JSON what a call of
// `auth.fetch` takes, in µs and in bytes, on a `fetch` that does nothing.
import { createMatrixAuth, credentials } from '../../src/index.ts';

const CALLS = 20_000;

const answer = new Response('{}');
const answered = Promise.resolve(answer);
let nothing = false;
const auth = createMatrixAuth({
  homeserver: 'http://stub.localhost',
  credentials: credentials({ accessToken: 'token' }),
  logger: false,
  fetch: (input) => {
    if (nothing) return answered;
    return Promise.resolve(
      Response.json(
        String(input instanceof Request ? input.url : input).endsWith('/whoami')
          ? { user_id: '@bot:stub.localhost' }
          : {},
      ),
    );
  },
});
await auth.start();
nothing = true;
const url = 'http://stub.localhost/_matrix/client/v3/devices';

async function calls(): Promise<void> {
  for (let call = 0; call < CALLS; call += 1) await auth.fetch(url);
}

// Until all of the young generation's memory has been used once: the first use of a page costs more than the calls in it.
for (let round = 0; round < 50; round += 1) await calls();
const us: number[] = [];
for (let round = 0; round < 5; round += 1) {
  const startedAt = performance.now();
  await calls();
  us.push(((performance.now() - startedAt) * 1_000) / CALLS);
}
globalThis.gc?.();
const before = process.memoryUsage().heapUsed;
await calls();
const bytes = (process.memoryUsage().heapUsed - before) / CALLS;
process.stdout.write(JSON.stringify({ us: Math.min(...us), bytes }));
await auth.stop();
