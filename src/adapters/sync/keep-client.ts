import type { ClientPort, ClientSession } from '../../ports/index.ts';

/** One client of an SDK, from the initial sync before it to its end. */
export interface ClientConnection<Client> {
  readonly deviceId: string | undefined;
  /** Another process syncs. */
  readonly passive: boolean;
  /** Somebody was told that this client is live. */
  readonly connected: boolean;
  /** The client is live, or on its way there. */
  readonly alive: boolean;
  /** `undefined` before it is there. */
  readonly client: Client | undefined;
  /** The session as it was given last. */
  session: ClientSession;
  /**
   * Resolves when the client is live, with the token of {@link session}.
   * @throws what the bot's own code throws, or the signal's reason
   */
  live(signal: AbortSignal): Promise<void>;
  /** Ends the client; resolves when nothing of it runs any more, however long the bot's own code takes. */
  end(): Promise<void>;
  /** {@link end} within a few seconds; with `requests`, also every request of the client, those of the bot included. */
  endWithin(how: { readonly requests: boolean }): Promise<void>;
}

/**
 * Opens a connection.
 * @param after what has to be over before there can be another client
 */
type Open<Client> = (
  session: ClientSession,
  passive: boolean,
  after: Promise<void>,
) => ClientConnection<Client>;

/**
 * A client that is kept live: a new token of the same device goes to the client that is there; for another device, or
 * when it cannot go on, it is ended, and another one opened.
 */
export function keepClient<Client>(open: Open<Client>): ClientPort<Client> {
  let connection: ClientConnection<Client> | undefined;
  let client: Client | undefined;
  /** Resolves when nothing of earlier clients runs any more. */
  let before: Promise<void> = Promise.resolve();
  let stopped = false;

  function retire(): void {
    const over = connection?.end();
    if (over !== undefined) before = Promise.all([before, over]).then(() => undefined);
  }

  return {
    get client() {
      client = connection?.client ?? client;
      return client;
    },
    async connect(session, { replace, passive, signal }) {
      signal.throwIfAborted();
      if (stopped) throw new Error('The client was stopped for good. Make a new session to connect again.');
      // A client that nobody has been told of yet is as new as could be asked for: an attempt that was given up goes
      // on, and the next one joins it.
      const joins =
        connection?.alive === true &&
        connection.deviceId === session.deviceId &&
        (!replace || (!connection.connected && connection.passive === passive));
      if (connection === undefined || !joins) {
        client = connection?.client ?? client;
        retire();
        connection = open(session, passive, before);
      } else connection.session = session;
      await connection.live(signal);
    },
    async suspend() {
      retire();
      await connection?.endWithin({ requests: false });
    },
    async stop() {
      stopped = true;
      retire();
      await connection?.endWithin({ requests: true });
    },
  };
}
