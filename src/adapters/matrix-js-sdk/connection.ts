import {
  createClient,
  type ICreateClientOpts,
  type IStartClientOpts,
  type ISyncResponse,
  type MatrixClient,
} from 'matrix-js-sdk';
import type { ClientSession, CryptoDevice, DeviceCrypto } from '../../ports/index.ts';
import {
  abortable,
  beginningOf,
  type ClientConnection,
  firstSync,
  settlesWithin,
  type SyncAnswer,
} from '../sync/index.ts';
import { ArchiveStore } from './archive.ts';
import { agreeOnKeys, keepingUploads, oneTimeKeysUploaded } from './device-keys.ts';
import { countMessages, handEvents, type SdkHandlers } from './handlers.ts';
import { initCrypto, type KeptCrypto } from './kept-crypto.ts';
import { LiveClient, stopped } from './live-client.ts';
import type { SdkProgress } from './progress.ts';
import { createSyncFetch, type SyncFetch } from './sync-fetch.ts';
import { limitRequests } from './time-limits.ts';
import { stopPollersForGood } from './stopped-for-good.ts';
import { handleSyncNobodyAwaits } from './unawaited-sync.ts';

/** What the author of the bot has decided, for each client alike. */
export interface ConnectionOptions {
  readonly onClient: ((client: MatrixClient) => void | Promise<void>) | undefined;
  readonly beforeStart: ((client: MatrixClient) => void | Promise<void>) | undefined;
  readonly handlers: SdkHandlers;
  readonly create: Partial<ICreateClientOpts>;
  readonly start: IStartClientOpts;
  readonly resume: boolean;
  readonly maxGapEvents: number;
  readonly calls: boolean;
  readonly crypto: KeptCrypto | undefined;
}

/** How long a connection that is ended may take: the bot's own code may hang. */
const END_LIMIT_MS = 5_000;

const ended = () => new DOMException('The client was stopped while it started.', 'AbortError');

/** The life of one client, from the initial sync before it to its end. */
export class Connection implements ClientConnection<MatrixClient> {
  readonly deviceId: string | undefined;
  readonly passive: boolean;
  connected = false;
  session: ClientSession;
  readonly #options: ConnectionOptions;
  readonly #progress: SdkProgress;
  readonly #giveUp = new AbortController();
  /** Resolves when the client has been made, and its sync loop runs. */
  readonly #opened: Promise<LiveClient>;
  /** Resolves when the bot's own code has set up the client. */
  #setUp: Promise<void> = Promise.resolve();
  #client: MatrixClient | undefined;
  #requests: SyncFetch | undefined;
  #live: LiveClient | undefined;
  #crypto: DeviceCrypto | undefined;
  /** The session of the device for which its keys were looked at last. */
  #agreed: number | undefined;
  /** The homeserver had no keys of the device when they were looked at last. */
  #newDevice = false;
  #failed = false;
  #ended: Promise<void> | undefined;

  /** @param after what has to be over before there can be another client */
  constructor(
    session: ClientSession,
    passive: boolean,
    after: Promise<void>,
    progress: SdkProgress,
    options: ConnectionOptions,
  ) {
    this.deviceId = session.deviceId;
    this.passive = passive;
    this.session = session;
    this.#progress = progress;
    this.#options = options;
    this.#opened = after.then(() => this.#open(this.#giveUp.signal));
    this.#opened.catch(() => {
      this.#failed = true;
    });
  }

  get client(): MatrixClient | undefined {
    return this.#live?.client;
  }

  get alive(): boolean {
    return !this.#failed && !this.#giveUp.signal.aborted && this.#live?.alive !== false;
  }

  async live(signal: AbortSignal): Promise<void> {
    const live = await abortable(this.#opened, signal);
    live.client.setAccessToken(this.session.accessToken.reveal());
    if (this.#agreed !== this.session.signIn) await this.#agree(live.client, signal);
    await abortable(this.#setUp, signal);
    if (!this.passive) await live.synced(signal);
    // The SDK uploads its one-time keys by itself, after its first sync.
    if (this.#newDevice && !this.connected && hasDevice(this.session))
      await oneTimeKeysUploaded(this.session, signal);
    this.connected = true;
  }

  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async endWithin(how: { readonly requests: boolean }): Promise<void> {
    const handled = how.requests ? this.#progress.deliveries.stop() : undefined;
    const over = this.end().then(() => handled);
    if (how.requests) this.#live?.end().catch(() => undefined);
    const inTime = await settlesWithin(END_LIMIT_MS, over);
    if (how.requests) await this.#progress.close(inTime && !this.passive);
    if (!inTime || how.requests) this.#drop(how.requests ? stopped() : ended());
  }

  async #end(): Promise<void> {
    this.#giveUp.abort(ended());
    const live = await this.#opened.catch(() => undefined);
    await live?.stop();
  }

  /** Nothing of the client is to do anything any more, whatever still runs. */
  #drop(reason: Error): void {
    this.#requests?.abort(reason);
    this.#client?.stopClient();
  }

  async #open(signal: AbortSignal): Promise<LiveClient> {
    const { session } = this;
    signal.throwIfAborted();
    if (this.passive) {
      this.#progress.forget();
      // It is for whoever syncs.
      await this.#options.crypto?.close();
    } else {
      await this.#openCrypto(signal);
      this.#progress.serve(this.session);
      if (this.#progress.archive.position === undefined) await this.#begin(signal);
    }
    const { promise: loaded, resolve: onLoaded } = Promise.withResolvers<void>();
    const ready = loaded.then(() => this.#setUp);
    // Whoever connects is told of a failure; the others need not be, and nothing is to be delivered any more.
    ready.catch(() => undefined);
    const requests = this.#createRequests(ready);
    const client = this.#createClient(requests);
    try {
      if (this.#crypto !== undefined) {
        await initCrypto(client, this.#crypto);
        await this.#agree(client, signal);
        if (this.#progress.begunAnew) await this.#devicesMayDiffer(client);
      }
      await this.#options.beforeStart?.(client);
      if (this.#crypto === undefined && client.getCrypto() !== undefined)
        session.onTrouble?.({
          code: 'encryption-not-kept',
          what: 'the client keeps the keys of encrypted rooms in memory, and they end with the process',
        });
      signal.throwIfAborted();
    } catch (error) {
      this.#drop(ended());
      throw error;
    }
    const live = new LiveClient(client, this.#options.start, requests, session.onDied);
    this.#live = live;
    if (this.passive) return live;
    this.#setUp = loaded.then(() => {
      countMessages(client, session.onMessage);
      handEvents(client, this.#options.handlers, this.#progress, (trouble) =>
        this.session.onTrouble?.(trouble),
      );
      return this.#options.onClient?.(client);
    });
    this.#setUp.catch(() => live.stop());
    live.start(onLoaded);
    return live;
  }

  /** Opens the keys of the device, unless the device has others. */
  async #openCrypto(signal: AbortSignal): Promise<void> {
    const { crypto } = this.#options;
    const { session } = this;
    if (crypto === undefined) return;
    if (!hasDevice(session)) {
      session.onTrouble?.({
        code: 'encryption-unavailable',
        what: 'encrypted rooms cannot be read, since the token is of no device',
      });
      return;
    }
    const opened = await crypto.openFor(session);
    signal.throwIfAborted();
    // No keys are made where the device has some already.
    if (!opened.hasKeys) await agreeOnKeys(session, opened, undefined, signal);
    this.#crypto = opened;
  }

  /** Goes on only if the homeserver has the same keys, or has them again. */
  async #agree(client: MatrixClient, signal: AbortSignal): Promise<void> {
    const { session } = this;
    const own = await client.getCrypto()?.getOwnDeviceKeys();
    if (this.#crypto !== undefined && own !== undefined && hasDevice(session))
      this.#newDevice = !(await agreeOnKeys(session, this.#crypto, own, signal));
    this.#agreed = session.signIn;
  }

  /** Loads the rooms as they are, before there is a client; and the position to go on from, if one was stored. */
  async #begin(signal: AbortSignal): Promise<void> {
    const { archive, invitations } = this.#progress;
    const { session } = this;
    const { filter, initialSyncLimit = 8, lazyLoadMembers = false } = this.#options.start;
    const since = await this.#progress.open(this.#options.resume);
    const first = await firstSync({
      homeserverUrl: session.homeserverUrl,
      fetch: session.fetch,
      filter: structuredClone(filter?.getDefinition() ?? {}),
      limit: initialSyncLimit,
      lazyLoadMembers,
      signal,
      onTrouble: session.onTrouble,
    });
    const { loaded, resumed } = beginningOf(first, since, invitations);
    this.#progress.resumed = resumed;
    archive.add(asSdk(loaded));
    if (resumed !== undefined) return;
    if (this.#crypto !== undefined) this.#progress.beginsAnew(first);
    await this.#progress.begin(first.next_batch);
  }

  /** Which devices people have is asked for again: the changes since the crypto store was written are not known. */
  async #devicesMayDiffer(client: MatrixClient | undefined): Promise<void> {
    await (
      client?.getCrypto() as { markAllTrackedUsersAsDirty?(): Promise<void> } | undefined
    )?.markAllTrackedUsersAsDirty?.();
    this.#progress.begunAnew = false;
  }

  #createRequests(ready: Promise<void>): SyncFetch {
    const { userId, homeserverUrl, onTrouble } = this.session;
    const fetch =
      this.#crypto === undefined
        ? this.session.fetch
        : keepingUploads(this.session.fetch, this.#crypto, this.#giveUp.signal);
    const { maxGapEvents } = this.#options;
    const encrypts = this.#crypto !== undefined;
    this.#requests = createSyncFetch({
      progress: this.#progress,
      userId,
      homeserverUrl,
      fetch,
      maxGapEvents,
      encrypts,
      onBegunAnew: () => this.#devicesMayDiffer(this.#client),
      ready,
      onTrouble,
    });
    return this.#requests;
  }

  #createClient(requests: SyncFetch): MatrixClient {
    const { session } = this;
    const { localTimeoutMs, ...options } = this.#options.create;
    const client = createClient({
      ...options,
      baseUrl: session.homeserverUrl,
      accessToken: session.accessToken.reveal(),
      userId: session.userId,
      ...(session.deviceId === undefined ? {} : { deviceId: session.deviceId }),
      fetchFn: requests.fetch,
      store: new ArchiveStore(this.#progress.archive, (response) => {
        // What was given up is delivered again by the next client.
        if (!requests.aborted) this.#progress.delivered(response);
        requests.onDelivered();
      }),
    });
    limitRequests(client, localTimeoutMs);
    handleSyncNobodyAwaits(client);
    stopPollersForGood(client);
    // It writes to the SDK's global logger for each room, whatever logger the client was given.
    if (!this.#options.calls) client.matrixRTC.start = () => {};
    this.#client = client;
    return client;
  }
}

function hasDevice(session: ClientSession): session is ClientSession & CryptoDevice {
  return session.deviceId !== undefined;
}

/** The two types describe one thing; the SDK's has more of it. */
function asSdk(answer: SyncAnswer): ISyncResponse {
  return answer as unknown as ISyncResponse;
}
