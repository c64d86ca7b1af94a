// A bot in a process of its own, so that it can be killed: it asks who it is, over and over.
import { flushCompileCache } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { createMatrixAuth, credentials, type SessionRecord, type SessionStore } from '../../src/index.ts';
import type { BotConfig, FromBot, Stop, ToBot } from './messages.ts';
import { storeAt } from './place.ts';

const realNow = Date.now;
let clockOffMs = 0;
Date.now = () => realNow() + clockOffMs;

const tell = (message: FromBot) => {
  // A parent that is gone wants nothing any more.
  process.send?.(message, () => {});
};

const goOn = Promise.withResolvers<void>();

/** Where the bot stops, once. */
let stopAt: Stop | undefined;

async function reached(stop: Stop): Promise<void> {
  if (stopAt !== stop) return;
  stopAt = undefined;
  tell({ type: 'stopped-at', stop });
  await goOn.promise;
}

/** The store, which stops its user at the given step of a rotation. */
function stoppingAtSteps(store: SessionStore): SessionStore {
  return {
    ...store,
    claim: async (name, options) => {
      const claim = await store.claim(name, options);
      await reached('locked');
      return claim;
    },
    update: async (name, kind, change) => {
      if (kind !== 'session' || stopAt === undefined) return store.update(name, kind, change);
      const found = await store.read(name, kind);
      const [before, after] = [found, change(found).record].map(sessionOf);
      const rotated = after !== undefined && after.generation > (before?.generation ?? 0);
      if (rotated) await reached('answered');
      const result = await store.update(name, kind, change);
      if (rotated) await reached('written');
      return result;
    },
  };
}

const sessionOf = (record: Partial<SessionRecord> | undefined) => record?.session;

async function live(config: BotConfig): Promise<void> {
  clockOffMs = config.clockOffMs ?? 0;
  stopAt = config.stopAt;
  const { store, close } = storeAt(config.place);
  // Most bots here need no client, and loading it takes its time.
  const client = config.syncs === true ? (await import('./syncing-client.ts')).syncingClient() : undefined;
  const auth = createMatrixAuth({
    homeserver: config.homeserver,
    credentials: config.login === undefined ? {} : credentials(config.login),
    sessions: stoppingAtSteps(store),
    // What fails is tried again soon, for the tokens live only for a moment.
    schedule: {
      backoffMinMs: 40,
      backoffMaxMs: 200,
      breakerMinMs: 40,
      breakerMaxMs: 200,
      ...config.schedule,
    },
    ...(client === undefined ? {} : { client }),
    ...(config.requestTimeoutMs === undefined ? {} : { requestTimeoutMs: config.requestTimeoutMs }),
    ...(config.onStoreDown === undefined ? {} : { onStoreDown: config.onStoreDown }),
    logger: { warn: () => {}, error: () => {} },
  });
  auth.on('state', ({ detail, generation = 0, trouble, reason }) =>
    tell({
      type: 'state',
      detail,
      generation,
      ...(trouble === undefined ? {} : { trouble }),
      ...(reason === undefined ? {} : { reason }),
    }),
  );
  for (const origin of ['refreshed', 'adopted', 'logged-in'] as const) {
    auth.on(origin, ({ session: { generation, fingerprint, obtainedAt } }) =>
      tell({
        type: 'session',
        origin,
        generation,
        fingerprint,
        obtainedAt,
        at: Number(process.hrtime.bigint() / 1_000_000n),
      }),
    );
  }
  let renewed = false;
  auth.on('refreshed', () => {
    renewed = true;
  });
  auth.on('warning', ({ warning: { kind } }) => tell({ type: 'warning', kind }));
  const stopping = new AbortController();
  process.on('message', (message: ToBot) => {
    if (message.type === 'go-on') goOn.resolve();
    if (message.type === 'clock') clockOffMs = message.offMs;
    if (message.type === 'stop') {
      stopping.abort();
      void auth
        .stop()
        .then(close)
        .then(() => process.disconnect());
    }
  });
  await auth.start();
  tell({ type: 'signed-in' });
  while (!stopping.signal.aborted) {
    const usesNew = renewed;
    try {
      const response = await auth.fetch(`${config.homeserver}/_matrix/client/v3/account/whoami`);
      await response.body?.cancel();
      tell({ type: 'answer', status: response.status });
      if (usesNew) await reached('used');
    } catch (error) {
      // What is under way when it is told to stop is not to be answered any more.
      if (!stopping.signal.aborted) tell({ type: 'answer', status: 0, why: String(error) });
    }
    await delay(config.pauseMs ?? 50);
  }
}

process.once('message', (message: ToBot) => {
  if (message.type !== 'go') return;
  live(message.config).catch((error: unknown) => tell({ type: 'start-failed', why: String(error) }));
});
process.on('disconnect', () => process.exit());
flushCompileCache();
tell({ type: 'ready' });
