import type { MatrixClient } from 'matrix-js-sdk';

interface Poller {
  poll: () => Promise<void>;
  stop(): void;
}

interface SyncLoop {
  startKeepAlives(): Promise<unknown>;
}

/**
 * Keeps what was stopped from going on. When a request of the SDK fails because the client was stopped, what has sent it
 * sets a timer to try it again all the same, which would keep the process from ending.
 */
export function stopPollersForGood(client: MatrixClient): void {
  for (const poller of Object.values(client).filter(isPoller)) {
    const poll = poller.poll.bind(poller);
    poller.poll = () =>
      poll().finally(() => {
        if (!client.clientRunning) poller.stop();
      });
  }
}

/** Stops the client. A sync loop that has not begun yet does not wait for a homeserver that comes back. */
export function stopForGood(client: MatrixClient): void {
  const { syncApi } = client as unknown as { readonly syncApi?: SyncLoop };
  if (syncApi !== undefined) syncApi.startKeepAlives = () => new Promise(() => {});
  client.stopClient();
}

function isPoller(value: unknown): value is Poller {
  return typeof value === 'object' && value !== null && 'poll' in value && 'stop' in value;
}
