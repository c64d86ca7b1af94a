// A process of its own, with --expose-gc: sessions whose tokens live for a minute, at fifty times the speed, and a call
// of each now and then. Prints as JSON what is held after a tenth of the lifetimes, and at the end.
import { getEventListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createMatrixAuth, credentials, memorySessions } from '../../src/index.ts';
import { median } from './measure.ts';
import { StubHomeserver } from './stub-homeserver.ts';

/** Few enough that each has come to what it remembers at most by the first look. */
const SESSIONS = 40;
const LIFETIMES = 10_000;
const LIFETIME_MS = 60_000 / 50;

const homeserver = new StubHomeserver({ lifetimeMs: LIFETIME_MS, latencyMs: 2 });
/** The signals that requests were given: those that live long are where listeners pile up. */
const signals = new Set<WeakRef<AbortSignal>>();
const seen = new WeakSet<AbortSignal>();
const sessions = memorySessions();
const started = Array.from({ length: SESSIONS }, (_, index) =>
  createMatrixAuth({
    ...{ homeserver: homeserver.url, sessions, sessionName: `bot${index}`, logger: false },
    credentials: credentials({ username: `bot${index}`, password: 'password' }),
    // Everything else is as much faster. A token is renewed early, so that ten thousand fit into a minute.
    ...{ requestTimeoutMs: 1_000, schedule: { refreshAfter: 0.15, refreshJitter: 0.1 } },
    fetch: (input, init) => {
      const { signal } = init ?? {};
      if (signal && !seen.has(signal)) {
        seen.add(signal);
        signals.add(new WeakRef(signal));
      }
      return homeserver.fetch(input, init);
    },
  }),
);
const caller = new AbortController();
await Promise.all(started.map((session) => session.start()));

async function collect(): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await delay(10);
    globalThis.gc?.();
  }
}

async function held() {
  await collect();
  let listeners = getEventListeners(caller.signal, 'abort').length + process.eventNames().length;
  for (const reference of signals) {
    const signal = reference.deref();
    if (signal === undefined) signals.delete(reference);
    else listeners += getEventListeners(signal, 'abort').length;
  }
  // Requests are under way at any moment, now more of them and now fewer.
  const handles: number[] = [];
  for (let count = 0; count < 41; count += 1) {
    handles.push(process.getActiveResourcesInfo().length);
    await delay(10);
  }
  // What was noted of signals that are gone goes, too.
  await collect();
  return {
    heap: process.memoryUsage().heapUsed,
    handles: median(handles),
    listeners,
  };
}

/** Until so many refreshes were asked for. A caller with a signal that lives long is as ordinary as it gets. */
async function until(refreshes: number): Promise<void> {
  while (homeserver.refreshedAt.length < refreshes) {
    await Promise.all(
      started.map((session) =>
        session.fetch(`${homeserver.url}/_matrix/client/v3/devices`, { signal: caller.signal }),
      ),
    );
    await delay(50);
  }
}

await until(LIFETIMES / 10);
const early = await held();
await until(LIFETIMES);
const late = await held();
process.stdout.write(JSON.stringify({ lifetimes: LIFETIMES, early, late }));
await Promise.all(started.map((session) => session.stop()));
