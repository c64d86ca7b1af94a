import {
  ClientEvent,
  HttpApiEvent,
  type MatrixClient,
  type MatrixEvent,
  type Room,
  RoomEvent,
  SyncState,
} from 'matrix-js-sdk';
import { logger as sdkLogger } from 'matrix-js-sdk/lib/logger.js';
import { onTestFinished } from 'vitest';
import { matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import {
  type AuthSnapshot,
  createMatrixAuth,
  type MatrixAuth,
  type MatrixAuthOptions,
  type SignInOptions,
} from '../../src/index.ts';

type SdkLogger = NonNullable<NonNullable<Parameters<typeof matrixJsSdk>[0]>['create']>['logger'];

const silent = () => {};
// Parts of the SDK write to its global logger, whatever logger a client was given.
(sdkLogger as unknown as { setLevel(level: 'silent'): void }).setLevel('silent');

/** The SDK's own log is not what is tested. */
export const quietLogger = {
  trace: silent,
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  getChild: () => quietLogger,
} as NonNullable<SdkLogger>;

/** A message as a handler of the bot met it. */
export interface Handled {
  readonly eventId: string;
  readonly text: string;
  /** Counts the clients that the bot was given. */
  readonly client: number;
}

export interface Bot {
  readonly auth: MatrixAuth<MatrixClient>;
  /** Each live message of somebody else, each time a handler met it. */
  readonly handled: readonly Handled[];
  /** The states it went through, the one it is in last. */
  readonly states: readonly AuthSnapshot[];
  /** What the SDK said of a lost session or a broken sync loop. */
  readonly sdkErrors: readonly string[];
  /** What was logged for people. */
  readonly log: readonly string[];
  /** How many clients `onClient` was called with. */
  readonly clients: number;
  /** Resolves when this many messages were handled. */
  handles(count: number): Promise<void>;
  /** Resolves when the state is this one, now or later; after `since` states if that is given. */
  reaches(state: string, since?: number): Promise<AuthSnapshot>;
}

/** A bot of matrix-js-sdk on this module, stopped when the test is over. */
export function makeBot(
  options: Omit<MatrixAuthOptions<MatrixClient>, 'client' | 'credentials'> & { credentials: SignInOptions },
  /** Of the test, where several run side by side. */
  atTheEnd: (work: () => Promise<void>) => void = onTestFinished,
): Bot {
  const handled: Handled[] = [];
  const states: AuthSnapshot[] = [];
  const sdkErrors: string[] = [];
  const log: string[] = [];
  const watchers = new Set<() => void>();
  const changed = () => {
    for (const watcher of [...watchers]) watcher();
  };
  let clients = 0;

  const auth = createMatrixAuth({
    logger: { warn: (line) => log.push(line), error: (line) => log.push(line) },
    ...options,
    client: matrixJsSdk({
      create: { logger: quietLogger },
      start: { pollTimeout: 5_000 },
      onClient: (client) => {
        clients += 1;
        const number = clients;
        client.on(HttpApiEvent.SessionLoggedOut, () => sdkErrors.push('Session.logged_out'));
        client.on(ClientEvent.Sync, (state) => {
          if (state === SyncState.Error) sdkErrors.push('sync ERROR');
        });
        client.on(RoomEvent.Timeline, (event: MatrixEvent, _room: Room | undefined, toStart?: boolean) => {
          if (toStart || event.getType() !== 'm.room.message' || event.getSender() === client.getUserId())
            return;
          handled.push({ eventId: event.getId() ?? '', text: event.getContent()['body'], client: number });
          changed();
        });
      },
    }),
  });
  auth.on('state', (snapshot) => {
    states.push(snapshot);
    changed();
  });
  atTheEnd(() => auth.stop());

  const until = (done: () => boolean) =>
    new Promise<void>((resolve) => {
      const watcher = () => {
        if (!done()) return;
        watchers.delete(watcher);
        resolve();
      };
      watchers.add(watcher);
      watcher();
    });

  return {
    auth,
    handled,
    states,
    sdkErrors,
    log,
    get clients() {
      return clients;
    },
    handles: (count) => until(() => handled.length >= count),
    async reaches(state, since = Math.max(0, states.length - 1)) {
      const found = () => states.slice(since).find(({ detail }) => `${detail}.`.startsWith(`${state}.`));
      await until(() => found() !== undefined);
      return found() as AuthSnapshot;
    },
  };
}
