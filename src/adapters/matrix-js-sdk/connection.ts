import {
  createClient,
  type ICreateClientOpts,
  type IStartClientOpts,
  type ISyncResponse,
  type MatrixClient,
} from 'matrix-js-sdk';
import type { ClientSession } from '../../ports/index.ts';
import {
  abortable,
  beginningOf,
  type ClientConnection,
  firstSync,
  settlesWithin,
  type SyncAnswer,
} from '../sync/index.ts';
import { ArchiveStore } from './archive.ts';
import { handEvents, type SdkHandlers } from './handlers.ts';
import { LiveClient, stopped } from './live-client.ts';
import type { SdkProgress } from './progress.ts';
import { createSyncFetch, type SyncFetch } from './sync-fetch.ts';
import { limitRequests } from './time-limits.ts';
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
    await abortable(this.#setUp, signal);
    if (!this.passive) await live.synced(signal);
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
    signal.throwIfAborted();
    if (this.passive) this.#progress.forget();
    else {
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
      await this.#options.beforeStart?.(client);
      signal.throwIfAborted();
    } catch (error) {
      this.#drop(ended());
      throw error;
    }
    const { session } = this;
    const live = new LiveClient(client, this.#options.start, requests, session.onDied);
    this.#live = live;
    if (this.passive) return live;
    this.#setUp = loaded.then(() => {
      handEvents(client, this.#options.handlers, () => this.#progress.delivery);
      return this.#options.onClient?.(client);
    });
    this.#setUp.catch(() => live.stop());
    live.start(onLoaded);
    return live;
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
    if (resumed === undefined) await this.#progress.begin(first.next_batch);
  }

  #createRequests(ready: Promise<void>): SyncFetch {
    const { userId, homeserverUrl, fetch, onTrouble } = this.session;
    const { maxGapEvents } = this.#options;
    this.#requests = createSyncFetch({
      progress: this.#progress,
      userId,
      homeserverUrl,
      fetch,
      maxGapEvents,
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
    // It writes to the SDK's global logger for each room, whatever logger the client was given.
    if (!this.#options.calls) client.matrixRTC.start = () => {};
    this.#client = client;
    return client;
  }
}

/** The two types describe one thing; the SDK's has more of it. */
function asSdk(answer: SyncAnswer): ISyncResponse {
  return answer as unknown as ISyncResponse;
}
