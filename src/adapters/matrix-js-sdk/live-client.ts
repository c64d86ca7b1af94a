import {
  ClientEvent,
  HttpApiEvent,
  type IStartClientOpts,
  type MatrixClient,
  SyncState,
} from 'matrix-js-sdk';

/** One client from its start to its end. */
export class LiveClient {
  readonly client: MatrixClient;
  readonly #start: IStartClientOpts;
  readonly #abort: AbortController;
  readonly #onDied: () => void;
  /** `Session.logged_out` was emitted: the sync loop has ended for good. */
  #dead = false;
  #caughtUp = false;
  #stopping: Promise<void> | undefined;
  #starting: Promise<void> = Promise.resolve();

  /** @param abort ends every request of the client */
  constructor(client: MatrixClient, start: IStartClientOpts, abort: AbortController, onDied: () => void) {
    this.client = client;
    this.#start = start;
    this.#abort = abort;
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
    this.#starting = this.client.startClient(this.#start);
  }

  /** Resolves when the client has caught up with the homeserver once; from then on its loop helps itself. */
  async synced(signal: AbortSignal): Promise<void> {
    if (this.#caughtUp) return;
    await this.#syncState(signal, (state) => state === SyncState.Syncing);
    this.#caughtUp = true;
  }

  /** Ends the sync loop; resolves when what it had received is delivered, and nothing more will be. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Ends every request of the client, those of the bot included. */
  abort(): void {
    this.#abort.abort(new DOMException('The session was stopped.', 'AbortError'));
  }

  async #stop(): Promise<void> {
    this.client.off(HttpApiEvent.SessionLoggedOut, this.#loggedOut);
    // A client that is stopped while it starts would go on to sync: the SDK does not look again.
    await this.#starting.catch(() => undefined);
    const ended = this.#dead
      ? Promise.resolve()
      : this.#syncState(AbortSignal.timeout(10_000), (state) => state === SyncState.Stopped);
    this.client.stopClient();
    await ended.catch(() => undefined);
  }

  readonly #loggedOut = () => {
    if (this.#dead) return;
    this.#dead = true;
    this.#onDied();
  };

  #syncState(signal: AbortSignal, wanted: (state: SyncState | null) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!wanted(this.client.getSyncState())) return;
        leave();
        resolve();
      };
      const abort = () => {
        leave();
        reject(signal.reason);
      };
      const leave = () => {
        this.client.off(ClientEvent.Sync, check);
        signal.removeEventListener('abort', abort);
      };
      this.client.on(ClientEvent.Sync, check);
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
      else check();
    });
  }
}
