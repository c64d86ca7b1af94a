import { LogService, MatrixClient, MatrixError } from 'matrix-bot-sdk';
import {
  LogService as ForkLogService,
  MatrixClient as ForkClient,
  MatrixError as ForkError,
} from '@vector-im/matrix-bot-sdk';
import { onTestFinished } from 'vitest';
import { type MatrixBotSdkOptions, matrixBotSdk } from '../../src/adapters/matrix-bot-sdk/index.ts';
import {
  type AuthSnapshot,
  createMatrixAuth,
  type MatrixAuth,
  type MatrixAuthOptions,
} from '../../src/index.ts';
import type { Handled } from './bot.ts';

const silent = () => {};
const quiet = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };
for (const service of [LogService, ForkLogService]) service.setLogger(quiet);

/** The SDK and its fork, which is taken for the same. */
export const botSdks = [
  { name: 'matrix-bot-sdk', MatrixClient, MatrixError },
  {
    name: '@vector-im/matrix-bot-sdk',
    MatrixClient: ForkClient as unknown as typeof MatrixClient,
    MatrixError: ForkError,
  },
] as const;

export type Sdk = (typeof botSdks)[number];

export interface RoomMessage {
  readonly event_id: string;
  readonly sender: string;
  readonly content: { readonly body: string };
}

export interface SdkBot {
  readonly auth: MatrixAuth<MatrixClient>;
  /** Each message of somebody else, each time a handler met it. */
  readonly handled: readonly Handled[];
  readonly states: readonly AuthSnapshot[];
  readonly log: readonly string[];
  /** How many clients `onClient` was called with. */
  readonly clients: number;
  handles(count: number): Promise<void>;
  /** Resolves when the state is this one, now or later. */
  reaches(state: string): Promise<void>;
}

/** A bot on matrix-bot-sdk and this module, stopped when the test is over. */
export function makeSdkBot(
  sdk: Sdk,
  options: Omit<MatrixAuthOptions<MatrixClient>, 'client'>,
  sdkOptions: Partial<MatrixBotSdkOptions<MatrixClient>> & {
    readonly onMessage?: (roomId: string, message: RoomMessage, client: MatrixClient) => unknown;
  } = {},
): SdkBot {
  const handled: Handled[] = [];
  const states: AuthSnapshot[] = [];
  const log: string[] = [];
  const watchers = new Set<() => void>();
  const changed = () => {
    for (const watcher of [...watchers]) watcher();
  };
  let clients = 0;
  const { onMessage, ...rest } = sdkOptions;
  const auth = createMatrixAuth({
    logger: { warn: (line) => log.push(line), error: (line) => log.push(line) },
    ...options,
    client: matrixBotSdk<MatrixClient>({
      create({ homeserverUrl, accessToken, storage }) {
        const client = new sdk.MatrixClient(homeserverUrl, accessToken, storage);
        client.syncingTimeout = 5_000;
        return client;
      },
      MatrixError: sdk.MatrixError,
      ...rest,
      async onClient(client) {
        clients += 1;
        const number = clients;
        await rest.onClient?.(client);
        const own = await client.getUserId();
        client.on('room.message', (roomId: string, message: RoomMessage) => {
          if (message.sender === own) return undefined;
          handled.push({ eventId: message.event_id, text: message.content.body, client: number });
          changed();
          return onMessage?.(roomId, message, client);
        });
      },
    }),
  });
  auth.on('state', (snapshot) => {
    states.push(snapshot);
    changed();
  });
  onTestFinished(() => auth.stop());

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
    log,
    get clients() {
      return clients;
    },
    handles: (count) => until(() => handled.length >= count),
    reaches: (state) => until(() => `${states.at(-1)?.detail}.`.startsWith(`${state}.`)),
  };
}
