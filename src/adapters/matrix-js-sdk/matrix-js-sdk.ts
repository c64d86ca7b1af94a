import {
  createClient,
  type ICreateClientOpts,
  type IStartClientOpts,
  type MatrixClient,
} from 'matrix-js-sdk';
import type { ClientPort, ClientSession, ConnectOptions } from '../../ports/index.ts';
import { ArchiveStore, SyncArchive } from './archive.ts';
import { firstSync, stateAt } from './first-sync.ts';
import { LiveClient } from './live-client.ts';
import { createSyncFetch, type SyncFetchOptions } from './sync-fetch.ts';
import { limitRequests } from './time-limits.ts';

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
  /** Called with each new client before it starts: the place for `initRustCrypto()`. */
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
}

/**
 * Keeps a matrix-js-sdk client signed in. A new token for the same device is put in place, and the client notices
 * nothing. For another device, or when its sync loop has ended, the client is stopped, and a new one goes on from its
 * position. Works with matrix-js-sdk 42.4 and 43.
 */
export function matrixJsSdk(options: MatrixJsSdkOptions = {}): ClientPort<MatrixClient> {
  const { onClient, beforeStart, create = {}, start = {}, maxGapEvents = 10_000, resume = true } = options;
  const archive = new SyncArchive();
  const pendingInvites: SyncFetchOptions['pendingInvites'] = new Map();
  let live: LiveClient | undefined;
  /** Resolves when the live client is set up; rejects with what the bot's own code threw. */
  let setUp: Promise<void> = Promise.resolve();
  let savedPosition: string | undefined;
  let resumed: SyncFetchOptions['resumed'];
  let turn: Promise<void> = Promise.resolve();

  /** The state of the rooms, before there is a client; and the position to go on from, if one was stored. */
  async function fillArchive(session: ClientSession, signal: AbortSignal): Promise<void> {
    const since = resume ? await session.position.load() : undefined;
    const first = await firstSync(session.homeserverUrl, session.fetch, start, signal);
    if (since !== undefined) {
      resumed = { since, instead: first.next_batch };
      archive.add(stateAt(first, since));
      return;
    }
    for (const [roomId, room] of Object.entries(first.rooms?.invite ?? {})) pendingInvites.set(roomId, room);
    if (first.rooms !== undefined) first.rooms.invite = {};
    archive.add(first);
    await session.position.save(first.next_batch);
  }

  async function open(session: ClientSession, passive: boolean, signal: AbortSignal): Promise<void> {
    if (!passive && archive.position === undefined) await fillArchive(session, signal);
    const { promise: loaded, resolve: onLoaded } = Promise.withResolvers<void>();
    const ready = loaded.then(() => setUp);
    const requests = createSyncFetch({
      archive,
      userId: session.userId,
      homeserverUrl: session.homeserverUrl,
      fetch: session.fetch,
      maxGapEvents,
      pendingInvites,
      resumed,
      ready,
    });
    const { localTimeoutMs, ...createOptions } = create;
    const client = createClient({
      ...createOptions,
      baseUrl: session.homeserverUrl,
      accessToken: session.accessToken.reveal(),
      userId: session.userId,
      ...(session.deviceId === undefined ? {} : { deviceId: session.deviceId }),
      fetchFn: requests.fetch,
      store: new ArchiveStore(archive, async (position) => {
        if (position !== savedPosition) await session.position.save(position);
        savedPosition = position;
        requests.onDelivered();
      }),
    });
    limitRequests(client, localTimeoutMs);
    await beforeStart?.(client);
    signal.throwIfAborted();
    const opened = new LiveClient(client, start, requests, session.onDied);
    live = opened;
    if (passive) {
      setUp = Promise.resolve();
      return;
    }
    setUp = loaded.then(() => onClient?.(client));
    // Whoever connects is told of a failure; the others need not be, and nothing is to be delivered any more.
    ready.catch(() => undefined);
    setUp.catch(() => opened.stop());
    opened.start(onLoaded);
  }

  async function connect(
    session: ClientSession,
    { replace, passive, signal }: ConnectOptions,
  ): Promise<void> {
    signal.throwIfAborted();
    if (
      live !== undefined &&
      (replace || !live.alive || live.client.getDeviceId() !== (session.deviceId ?? null))
    ) {
      await live.stop();
      signal.throwIfAborted();
      live = undefined;
    }
    if (live === undefined) await open(session, passive, signal);
    else live.client.setAccessToken(session.accessToken.reveal());
    await abortable(setUp, signal);
    if (!passive) await live?.synced(signal);
  }

  return {
    get client() {
      return live?.client;
    },
    connect(session, options) {
      // One at a time: an attempt that was given up may still be in the bot's own code.
      turn = turn.catch(() => undefined).then(() => connect(session, options));
      return turn;
    },
    async suspend() {
      await live?.stop();
    },
    async stop() {
      await live?.end();
    },
  };
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort);
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', abort));
}
