// A process of its own, with --expose-gc: signs in many sessions at the homeserver that is its first argument, and
// prints how many bytes of heap each of them takes.
import { createMatrixAuth, credentials, type MatrixAuth } from '../../src/index.ts';

const SESSIONS = 1_000;
const AT_ONCE = 20;

const [, , homeserver] = process.argv;

async function signIn(deviceId: string): Promise<MatrixAuth<undefined>> {
  const auth = createMatrixAuth({
    homeserver,
    credentials: credentials({ username: 'bot', password: 'password', deviceId }),
  });
  await auth.start();
  return auth;
}

function heapUsed(): number {
  for (let round = 0; round < 5; round += 1) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

// What is loaded and compiled at the first use belongs to none of them.
const sessions = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => signIn(`WARM${index}`)));
const before = heapUsed();
for (let first = 0; first < SESSIONS; first += AT_ONCE) {
  sessions.push(
    ...(await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => signIn(`BENCH${first + index}`)))),
  );
}
process.stdout.write(String((heapUsed() - before) / SESSIONS));
await Promise.all(sessions.map((session) => session.stop()));
