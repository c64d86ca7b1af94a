import type { ICreateClientOpts, IStartClientOpts, MatrixClient } from 'matrix-js-sdk';
import type { ClientPort, CryptoStore } from '../../ports/index.ts';
import { keepClient } from '../sync/index.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import type { ClientEvent } from './handlers.ts';
import { encrypt } from './encrypt.ts';
import { KeptCrypto } from './kept-crypto.ts';
import { SdkProgress } from './progress.ts';
import { quietLogger } from './quiet-logger.ts';

/** What the session decides, and an option may not. */
type OwnedBySession =
  | 'baseUrl'
  | 'accessToken'
  | 'refreshToken'
  | 'userId'
  | 'deviceId'
  | 'fetchFn'
  | 'store'
  | 'onTokenRefresh'
  | 'oauthClientId';

export interface MatrixJsSdkOptions {
  /**
   * Called with each new client, the first one included: the place for its listeners. The rooms are loaded, and
   * nothing that happened before is delivered any more; what happens after is delivered once, and waits until the
   * promise that this returns, if any, resolves.
   */
  readonly onClient?: (client: MatrixClient) => void | Promise<void>;
  /**
   * Called with each message that somebody else has sent, decrypted where that can be done. Its promise is waited for
   * before the next event of the room is handed over, and before it is stored that the sync has come so far; see
   * `handlerTimeoutMs`. A listener of the SDK is not waited for. Says by `repeated` that the bot may have handled the
   * message before it was killed; `isRepeated(event)` says so to listeners.
   */
  readonly onMessage?: (message: ClientEvent) => unknown;
  /** The same for each event in a room's timeline, of whatever type, but for what this client sends itself. */
  readonly onEvent?: (event: ClientEvent) => unknown;
  /**
   * How long a handler (`onMessage`, `onEvent`) may hold up what comes after in its room, in ms; after that it goes on beside
   * it, and its event counts as handled. 0: not at all. Default 60,000.
   */
  readonly handlerTimeoutMs?: number;
  /**
   * Where the keys of encrypted rooms are kept, such as `sqliteCrypto('bot-crypto.db')`. The client reads and writes
   * encrypted rooms then, also after a restart. Default: nowhere, and it does not.
   */
  readonly crypto?: CryptoStore;
  /** Called with each new client before it starts. With `crypto`, `client.getCrypto()` is there. */
  readonly beforeStart?: (client: MatrixClient) => void | Promise<void>;
  /** Further options of the SDK's `createClient`. */
  readonly create?: Omit<ICreateClientOpts, OwnedBySession>;
  /** Options of the SDK's `startClient`. */
  readonly start?: IStartClientOpts;
  /**
   * Go on from where the last process that had this session stopped, if the session store keeps it: what was said
   * meanwhile is delivered then. Default true; `false` begins with what is said after the start.
   */
  readonly resume?: boolean;
  /** How many missed events of one room are fetched after an absence. Default 10,000. */
  readonly maxGapEvents?: number;
  /**
   * Print the SDK's own debug output. Default false: only its warnings and errors. A logger of your own is
   * `create.logger`.
   */
  readonly debug?: boolean;
  /** Let the SDK follow the calls (MatrixRTC) in every room, which a bot rarely needs. Default false. */
  readonly calls?: boolean;
}

/**
 * Keeps a matrix-js-sdk client signed in. A new token for the same device is put in place, and the client notices
 * nothing. For another device, or when its sync loop has ended, the client is stopped, and a new one goes on from its
 * position. Works with matrix-js-sdk 42.4 and 43.
 */
export function matrixJsSdk(options: MatrixJsSdkOptions = {}): ClientPort<MatrixClient> {
  const settings = connectionOptions(options);
  const progress = new SdkProgress(options.handlerTimeoutMs ?? 60_000);
  const port = keepClient<MatrixClient>(
    (session, passive, after) => new Connection(session, passive, after, progress, settings),
  );
  const { crypto } = settings;
  return {
    connect: (session, how) => port.connect(session, how),
    get client() {
      return port.client;
    },
    encrypt: async (roomId, type, content) => {
      const client = port.client;
      if (client === undefined) throw new Error('There is no client yet.');
      return encrypt(client, roomId, { type, content });
    },
    async suspend() {
      const close = crypto?.letGo();
      await port.suspend();
      await close?.();
    },
    async stop() {
      const close = crypto?.letGo();
      await port.stop();
      await close?.();
    },
  };
}

function connectionOptions({
  onClient,
  onMessage,
  onEvent,
  beforeStart,
  crypto,
  create = {},
  start = {},
  resume = true,
  maxGapEvents = 10_000,
  debug = false,
  calls = false,
}: MatrixJsSdkOptions): ConnectionOptions {
  const quiet = debug ? {} : { logger: quietLogger() };
  return {
    ...{ onClient, beforeStart, start, resume, maxGapEvents, calls },
    crypto: crypto && new KeptCrypto(crypto),
    handlers: { onMessage, onEvent },
    create: { ...quiet, ...create },
  };
}
