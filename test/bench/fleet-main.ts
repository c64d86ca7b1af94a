// A process of its own: ten thousand sessions of a fleet, started at once from a store with tokens that live for a
// minute. Prints as JSON how their refreshes are spread, and what they cost.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { createFleet, createMatrixAuth, credentials } from '../../src/index.ts';
import { storedSessions } from './stored-sessions.ts';
import { StubHomeserver } from './stub-homeserver.ts';

const SESSIONS = 10_000;
const LIFETIME_MS = 60_000;
const WATCHED_MS = 75_000;
/** The monitor counts its own interval in. */
const RESOLUTION_MS = 1;

const homeserver = new StubHomeserver({ lifetimeMs: LIFETIME_MS, latencyMs: 20 });
const fleet = createFleet({ requestsAtOnce: 1_000 });
const sessions = await storedSessions(SESSIONS, LIFETIME_MS);
const given = credentials({ username: 'bot', password: 'password' });
const started = Array.from({ length: SESSIONS }, (_, index) =>
  createMatrixAuth({
    ...{ fleet, homeserver: homeserver.url, fetch: homeserver.fetch, credentials: given },
    ...{ sessions, sessionName: `bot${index}`, logger: false },
  }),
);
await Promise.all(started.map((session) => session.start()));

const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delays.enable();
const before = process.cpuUsage();
const since = performance.now();
await delay(WATCHED_MS);
const elapsedMs = performance.now() - since;
const { user, system } = process.cpuUsage(before);
delays.disable();

const perSecond = new Map<number, number>();
for (const at of homeserver.refreshedAt.filter((time) => time >= since)) {
  const second = Math.floor((at - since) / 1_000);
  perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
}
// From the first refresh on: before it there is nothing to spread.
const first = Math.min(...perSecond.keys());
const counted = [...perSecond].filter(([second]) => second >= first && second < WATCHED_MS / 1_000 - 1);
const mean = counted.reduce((sum, [, count]) => sum + count, 0) / (WATCHED_MS / 1_000 - 1 - first);
process.stdout.write(
  JSON.stringify({
    peakOverMean: Math.max(...counted.map(([, count]) => count)) / mean,
    delayP99Ms: delays.percentile(99) / 1e6 - RESOLUTION_MS,
    cpu: (user + system) / 1_000 / elapsedMs,
  }),
);
process.exit(0);
