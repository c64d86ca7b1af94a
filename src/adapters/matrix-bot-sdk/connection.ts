import type { ClientSession } from '../../ports/index.ts';
import {
  abortable,
  type ClientConnection,
  failureOfError,
  pause,
  settlesWithin,
  SyncTroubleReport,
} from '../sync/index.ts';
import { type BotSdkClient, internalsOf } from './bot-client.ts';
import { ClientRequests } from './client-requests.ts';
import type { ClientStorage } from './client-storage.ts';
import type { BotHandlers } from './handlers.ts';
import type { BotProgress } from './progress.ts';
import type { MatrixErrorClass } from './request-errors.ts';
import { SyncLoop } from './sync-loop.ts';

/** What `create` is given. */
export interface NewClient {
  readonly homeserverUrl: string;
  readonly accessToken: string;
  readonly storage: ClientStorage;
}

/** What the author of the bot has decided, for each client alike. */
export interface ConnectionOptions<Client extends BotSdkClient> {
  readonly create: (given: NewClient) => Client;
  readonly onClient: ((client: Client) => void | Promise<void>) | undefined;
  readonly beforeStart: ((client: Client) => void | Promise<void>) | undefined;
  readonly handlers: BotHandlers<Client>;
  readonly filter: object | undefined;
  readonly resume: boolean;
  readonly maxGapEvents: number;
  readonly MatrixError: MatrixErrorClass | undefined;
}

/** What outlives the clients. */
export interface Lasting {
  readonly progress: BotProgress;
  readonly storage: ClientStorage;
}

/** How long a connection that is ended may take: the bot's own code may hang. */
const END_LIMIT_MS = 5_000;

const ended = () => new DOMException('The client was stopped while it started.', 'AbortError');
const stopped = () => new DOMException('The session was stopped.', 'AbortError');

/** The life of one client of the SDK. */
export class Connection<Client extends BotSdkClient> implements ClientConnection<Client> {
  readonly deviceId: string | undefined;
  readonly passive: boolean;
  connected = false;
  session: ClientSession;
  readonly #options: ConnectionOptions<Client>;
  readonly #lasting: Lasting;
  readonly #requests: ClientRequests;
  readonly #giveUp = new AbortController();
  /** Resolves when the client has been made and started, but for its loop. */
  readonly #opened: Promise<void>;
  /** Resolves when the bot's own code has set up the client, and its loop runs. */
  readonly #setUp: Promise<void>;
  #client: Client | undefined;
  #loop: SyncLoop<Client> | undefined;
  #failed = false;
  #ended: Promise<void> | undefined;

  /** @param after what has to be over before there can be another client */
  constructor(
    session: ClientSession,
    passive: boolean,
    after: Promise<void>,
    lasting: Lasting,
    options: ConnectionOptions<Client>,
  ) {
    const { homeserverUrl, fetch } = session;
    this.deviceId = session.deviceId;
    this.passive = passive;
    this.session = session;
    this.#lasting = lasting;
    this.#options = options;
    this.#requests = new ClientRequests({ homeserverUrl, fetch, MatrixError: options.MatrixError });
    this.#opened = after.then(() => this.#open(this.#giveUp.signal));
    this.#setUp = this.#opened.then(() => this.#begin());
    this.#setUp.catch(() => {
      this.#failed = true;
    });
  }

  get client(): Client | undefined {
    return this.#client;
  }

  get alive(): boolean {
    return !this.#failed && !this.#giveUp.signal.aborted && this.#loop?.alive !== false;
  }

  async live(signal: AbortSignal): Promise<void> {
    await abortable(this.#opened, signal);
    const client = this.#client as Client;
    internalsOf(client).accessToken = this.session.accessToken.reveal();
    await abortable(this.#setUp, signal);
    if (this.#loop !== undefined) await abortable(this.#loop.caughtUp, signal);
    this.connected = true;
  }

  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async endWithin(how: { readonly requests: boolean }): Promise<void> {
    const { progress } = this.#lasting;
    const handled = how.requests ? progress.deliveries.stop() : undefined;
    const over = this.end().then(() => handled);
    const inTime = await settlesWithin(END_LIMIT_MS, over);
    if (how.requests) await progress.close(inTime && !this.passive);
    if (!inTime || how.requests) this.#requests.abort(stopped());
  }

  async #end(): Promise<void> {
    this.#giveUp.abort(ended());
    await this.#opened.catch(() => undefined);
    this.#client?.stop();
    await this.#loop?.end(stopped());
  }

  async #open(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { session } = this;
    const { create, beforeStart, filter, maxGapEvents, handlers } = this.#options;
    const { progress, storage } = this.#lasting;
    const client = create({
      homeserverUrl: session.homeserverUrl,
      accessToken: session.accessToken.reveal(),
      storage,
    });
    this.#requests.serve(client);
    this.#client = client;
    if (this.passive) {
      progress.forget();
      await beforeStart?.(client);
      return;
    }
    await progress.find(session, client.storageProvider, this.#options.resume);
    this.#loop = new SyncLoop(client, { session, progress, filter, maxGapEvents, handlers });
    await beforeStart?.(client);
    signal.throwIfAborted();
    await this.#start(client, signal);
    signal.throwIfAborted();
  }

  async #begin(): Promise<void> {
    const loop = this.#loop;
    if (loop === undefined) return;
    await this.#options.onClient?.(this.#client as Client);
    loop.begin();
  }

  /** What the SDK asks before it syncs may fail for a while; that is no failure of the client. */
  async #start(client: Client, signal: AbortSignal): Promise<void> {
    const report = new SyncTroubleReport(true, this.session.onTrouble);
    report.begin();
    try {
      for (let waitMs = 500; ; waitMs = Math.min(waitMs * 2, 30_000)) {
        try {
          await abortable(client.start(this.#options.filter), signal);
          return;
        } catch (error) {
          signal.throwIfAborted();
          if (!this.#requests.mayPass(error)) throw error;
          report.failed(failureOfError(error));
        }
        await pause(waitMs, signal);
      }
    } finally {
      report.close();
    }
  }
}
