import {
  ClientEvent,
  HttpApiEvent,
  type IStartClientOpts,
  type MatrixClient,
  SyncState,
} from 'matrix-js-sdk';
import { settlesWithin } from '../sync/index.ts';
import { stopForGood } from './stopped-for-good.ts';

/** The requests of one client. */
export interface ClientRequests {
  /** Resolves when no answer of `/sync` is being delivered to the bot's listeners. */
  delivered(): Promise<void>;
  /** Trouble of the sync is not reported any more. */
  closeReport(): void;
  /** Ends the requests that are under way; no other is sent. */
  abort(reason: unknown): void;
}

/** How long a client that is stopped may go on delivering what it had received. */
const DELIVERY_LIMIT_MS = 5_000;

export const stopped = () => new DOMException('The session was stopped.', 'AbortError');

/** One client from its start to its end. */
export class LiveClient {
  readonly client: MatrixClient;
  readonly #start: IStartClientOpts;
  readonly #requests: ClientRequests;
  readonly #onDied: () => void;
  /** `Session.logged_out` was emitted: the sync loop has ended for good. */
  #dead = false;
  #started = false;
  /** The loop has been SYNCING once. */
  #caughtUp = false;
  #stopping: Promise<void> | undefined;
  #starting: Promise<void> = Promise.resolve();

  constructor(client: MatrixClient, start: IStartClientOpts, requests: ClientRequests, onDied: () => void) {
    this.client = client;
    this.#start = start;
    this.#requests = requests;
    this.#onDied = onDied;
    client.on(HttpApiEvent.SessionLoggedOut, this.#loggedOut);
  }

  /** The loop runs, and will go on by itself. */
  get alive(): boolean {
    return !this.#dead && this.#stopping === undefined;
  }

  /**
   * Starts the client. `onLoaded` is called when the rooms are as they were at the archive's position, before anything
   * new is delivered.
   */
  start(onLoaded: () => void): void {
    const prepared = (state: SyncState) => {
      if (state !== SyncState.Prepared) return;
      this.client.off(ClientEvent.Sync, prepared);
      onLoaded();
    };
    this.client.on(ClientEvent.Sync, prepared);
    this.#starting = this.client.startClient(this.#start).finally(() => {
      this.#started = true;
    });
  }

  /** Resolves when the client has caught up with the homeserver once; from then on its loop helps itself. */
  async synced(signal: AbortSignal): Promise<void> {
    if (this.#caughtUp || this.client.getSyncState() === SyncState.Syncing) return;
    await this.#state(SyncState.Syncing, signal);
    this.#caughtUp = true;
  }

  /** Ends the sync loop; resolves when what it had received is delivered, and nothing more will be. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Ends the sync loop; a client that has not come so far is not waited for. */
  end(): Promise<void> {
    if (!this.#started) this.#requests.abort(stopped());
    return this.stop();
  }

  async #stop(): Promise<void> {
    this.client.off(HttpApiEvent.SessionLoggedOut, this.#loggedOut);
    this.#requests.closeReport();
    // A client that is stopped while it starts would go on to sync: the SDK does not look again.
    if (!(await settlesWithin(DELIVERY_LIMIT_MS, this.#starting))) {
      this.#requests.abort(stopped());
      this.#starting.catch(() => undefined).finally(() => stopForGood(this.client));
    }
    // An answer that the loop has taken is delivered to its end, and then the loop says STOPPED; a loop that waits for
    // something else just falls silent.
    const done = new AbortController();
    const ended = this.#state(SyncState.Stopped, done.signal).catch(() => undefined);
    stopForGood(this.client);
    const silent = Promise.race([ended, this.#requests.delivered()]);
    if (!(await settlesWithin(DELIVERY_LIMIT_MS, silent))) this.#requests.abort(stopped());
    done.abort();
  }

  readonly #loggedOut = () => {
    if (this.#dead) return;
    this.#dead = true;
    this.#onDied();
  };

  /** Resolves when the sync loop says that it has come into this state. */
  #state(wanted: SyncState, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.client.off(ClientEvent.Sync, check);
        signal.removeEventListener('abort', abort);
      };
      const check = (state: SyncState) => {
        if (state !== wanted) return;
        leave();
        resolve();
      };
      const abort = () => {
        leave();
        reject(signal.reason);
      };
      this.client.on(ClientEvent.Sync, check);
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
    });
  }
}
