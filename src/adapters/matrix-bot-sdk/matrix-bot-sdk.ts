import type { ClientPort } from '../../ports/index.ts';
import { keepClient } from '../sync/index.ts';
import type { BotSdkClient } from './bot-client.ts';
import { ClientStorage } from './client-storage.ts';
import { Connection, type ConnectionOptions, type NewClient } from './connection.ts';
import type { BotEvent } from './handlers.ts';
import { BotProgress } from './progress.ts';
import type { MatrixErrorClass } from './request-errors.ts';

export interface MatrixBotSdkOptions<Client extends BotSdkClient> {
  /**
   * Makes a client, each time that one is needed: `({ homeserverUrl, accessToken, storage }) => new MatrixClient(homeserverUrl,
   * accessToken, storage)`. A storage provider of your own may be handed on in the place of `storage`, which keeps what
   * the SDK stores in this process. Where the session store knows no position yet, that of your storage provider counts.
   */
  readonly create: (given: NewClient) => Client;
  /**
   * Called with each new client, the first one included: the place for its listeners. Nothing that happened before is
   * delivered; what happens after is delivered once, and waits until the promise that this returns, if any, resolves.
   */
  readonly onClient?: (client: Client) => void | Promise<void>;
  /**
   * Called with each message that somebody else has sent. Its promise is waited for, as that of a listener is: see
   * `handlerTimeoutMs`. Says by `repeated` that the bot may have handled the message before it was killed.
   */
  readonly onMessage?: (message: BotEvent<Client>) => unknown;
  /** The same for each event of a joined room, of whatever type and sender. */
  readonly onEvent?: (event: BotEvent<Client>) => unknown;
  /** Called with each new client before it starts: the place for preprocessors. */
  readonly beforeStart?: (client: Client) => void | Promise<void>;
  /** The filter of the sync, as the SDK's `start` takes it. */
  readonly filter?: object;
  /**
   * Go on from where the last process that had this session stopped: what was said meanwhile is delivered then. Default
   * true; `false` begins with what is said after the start.
   */
  readonly resume?: boolean;
  /** How many missed events of one room are fetched after an absence. Default 10,000. */
  readonly maxGapEvents?: number;
  /**
   * How long a listener that returns a promise may hold up what comes after in its room, in ms. 0: not at all. Default 60,000.
   */
  readonly handlerTimeoutMs?: number;
  /** The SDK's class, for bots and helpers of the SDK that ask `instanceof MatrixError`. Default: errors with the same fields. */
  readonly MatrixError?: MatrixErrorClass;
}

/**
 * Keeps a client of matrix-bot-sdk signed in. Its requests go through the session, so that it sees no 401 that can be
 * mended. A new token for the same device is put in place; for another device the client is stopped, and a new one goes
 * on from its position. Works with `matrix-bot-sdk` 0.8 and `@vector-im/matrix-bot-sdk` 0.7, and imports neither.
 */
export function matrixBotSdk<Client extends BotSdkClient>(
  options: MatrixBotSdkOptions<Client>,
): ClientPort<Client> {
  const settings: ConnectionOptions<Client> = {
    create: options.create,
    onClient: options.onClient,
    beforeStart: options.beforeStart,
    handlers: { onMessage: options.onMessage, onEvent: options.onEvent },
    filter: options.filter,
    resume: options.resume ?? true,
    maxGapEvents: options.maxGapEvents ?? 10_000,
    MatrixError: options.MatrixError,
  };
  const lasting = {
    progress: new BotProgress(options.handlerTimeoutMs ?? 60_000),
    storage: new ClientStorage(),
  };
  return keepClient((session, passive, after) => new Connection(session, passive, after, lasting, settings));
}
