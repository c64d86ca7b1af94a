import { onTestFinished } from 'vitest';
import type { TestHomeserverOptions } from '../../src/testing/index.ts';
import { startFaultProxy, startTestHomeserver } from '../../src/testing/index.ts';
import {
  type AuthSnapshot,
  type ClientPort,
  createMatrixAuth,
  credentials,
  type MatrixAuth,
  type MatrixAuthOptions,
} from '../../src/index.ts';

export const PASSWORD = 'a password';
export const WHOAMI = '/_matrix/client/v3/account/whoami';

/** Short waits: nothing here is about how long they are. */
export const quick = {
  backoffMinMs: 5,
  backoffMaxMs: 20,
  breakerMinMs: 5,
  breakerMaxMs: 20,
  lockProbeMs: 10,
};

export interface World {
  readonly auth: MatrixAuth<unknown>;
  readonly homeserver: Awaited<ReturnType<typeof startTestHomeserver>>;
  readonly proxy: Awaited<ReturnType<typeof startFaultProxy>>;
  readonly log: string[];
  readonly states: AuthSnapshot[];
  /** Resolves with the first state since the last call that begins like this. */
  readonly reaches: (detail: string) => Promise<AuthSnapshot>;
}

/** A session on a test homeserver behind a fault proxy, all of it stopped when the test is over. */
export async function makeAuth(
  options: Partial<MatrixAuthOptions<unknown>> = {},
  homeserverOptions: TestHomeserverOptions = {},
): Promise<World> {
  const homeserver = await startTestHomeserver({
    users: [{ localpart: 'bot', password: PASSWORD }],
    ...homeserverOptions,
  });
  const proxy = await startFaultProxy({ target: homeserver.url });
  const log: string[] = [];
  const states: AuthSnapshot[] = [];
  const watchers = new Set<() => void>();
  const auth = createMatrixAuth<unknown>({
    homeserver: proxy.url,
    credentials: credentials({ username: 'bot', password: PASSWORD }),
    schedule: quick,
    logger: { warn: (line) => log.push(line), error: (line) => log.push(line) },
    ...options,
  });
  auth.on('state', (snapshot) => {
    states.push(snapshot);
    for (const watcher of [...watchers]) watcher();
  });
  onTestFinished(async () => {
    await auth.stop().catch(() => undefined);
    await proxy.stop();
    await homeserver.stop();
  });
  let seen = 0;
  return {
    auth,
    homeserver,
    proxy,
    log,
    states,
    reaches: (detail) =>
      new Promise((resolve) => {
        const watcher = () => {
          const index = states.findIndex(
            (one, at) => at >= seen && `${one.detail}.`.startsWith(`${detail}.`),
          );
          if (index === -1) return;
          seen = index + 1;
          watchers.delete(watcher);
          resolve(states[index] as AuthSnapshot);
        };
        watchers.add(watcher);
        watcher();
      }),
  };
}

/** A client that records what is asked of it. */
export class FakeClient implements ClientPort<{ readonly number: number }> {
  client: { readonly number: number } | undefined;
  readonly connects: { readonly replace: boolean; readonly signal: AbortSignal }[] = [];
  suspends = 0;
  stops = 0;
  onDied: () => void = () => {};
  /** What `connect` does. */
  connecting: (signal: AbortSignal) => Promise<void> = async () => {};
  stopping: () => Promise<void> = async () => {};

  async connect(
    session: { readonly onDied: () => void },
    options: { readonly replace: boolean; readonly signal: AbortSignal },
  ): Promise<void> {
    this.connects.push(options);
    this.onDied = session.onDied;
    await this.connecting(options.signal);
    if (this.client === undefined || options.replace) this.client = { number: this.connects.length };
  }

  async suspend(): Promise<void> {
    this.suspends += 1;
  }

  stop(): Promise<void> {
    this.stops += 1;
    return this.stopping();
  }
}

/** What matrix-js-sdk throws for a refusal. */
export class SdkError extends Error {
  readonly errcode: string | undefined;
  readonly httpStatus: number;
  readonly data: object;

  constructor(httpStatus: number, errcode: string | undefined, data: object = {}) {
    super(`MatrixError: [${httpStatus}]`);
    this.errcode = errcode;
    this.httpStatus = httpStatus;
    this.data = data;
  }
}
