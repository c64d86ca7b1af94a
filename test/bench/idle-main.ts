// A process of its own, with --expose-gc: starts sessions from a store, without a network, and prints as JSON how many
// bytes of heap each of them takes, and how many of them are created and valid per second.
import { createMatrixAuth, credentials, type MatrixAuth } from '../../src/index.ts';
import { storedSessions } from './stored-sessions.ts';
import { StubHomeserver } from './stub-homeserver.ts';

const SESSIONS = 10_000;
const WARM = 2_000;

const { url, fetch } = new StubHomeserver();

async function start(count: number): Promise<MatrixAuth<undefined>[]> {
  const sessions = await storedSessions(count, 3_600_000);
  const given = credentials({ username: 'bot', password: 'password' });
  const started = Array.from({ length: count }, (_, index) =>
    createMatrixAuth({
      ...{ homeserver: url, credentials: given, fetch, sessions, sessionName: `bot${index}`, logger: false },
    }),
  );
  await Promise.all(started.map((session) => session.start()));
  return started;
}

async function heapUsed(): Promise<number> {
  for (let round = 0; round < 5; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

// What is loaded and compiled at the first use belongs to none of them.
const warm = await start(WARM);
await Promise.all(warm.map((session) => session.stop()));
const kept = await storedSessions(SESSIONS, 3_600_000);
const before = await heapUsed();
const startedAt = performance.now();
const sessions = await start(SESSIONS);
const seconds = (performance.now() - startedAt) / 1_000;
const bytes = ((await heapUsed()) - before) / SESSIONS;
await kept.close();
process.stdout.write(JSON.stringify({ bytes, perSecond: SESSIONS / seconds }));
process.exit(sessions.length === SESSIONS ? 0 : 1);
