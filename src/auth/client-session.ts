import type { SessionKeeper } from '../adapters/sessions/index.ts';
import type { ClientSession, ClientTrouble } from '../ports/index.ts';
import type { SessionRuntime } from './session-runtime.ts';

export interface ClientSessionOptions {
  readonly runtime: SessionRuntime;
  readonly keeper: SessionKeeper;
  readonly fetch: typeof globalThis.fetch;
  readonly onDied: () => void;
  readonly onTrouble: (trouble: ClientTrouble) => void;
  /** The sync has brought something. */
  readonly onProgress: () => void;
  readonly onMessage: () => void;
  /** What is handled from now on may be handled again by a later process, until it is {@link settled}. */
  readonly unsettled: () => void;
  /** Everything is handled. What this returns is to be called when that is stored. */
  readonly settled: () => () => void;
}

/** The session as the client is to see it now. */
export function clientSessionOf({
  runtime,
  keeper,
  fetch,
  onDied,
  onTrouble,
  onProgress,
  onMessage,
  unsettled,
  settled,
}: ClientSessionOptions): ClientSession {
  const session = keeper.current;
  const { homeserverUrl } = runtime;
  if (session?.userId === undefined || homeserverUrl === undefined)
    throw new Error('A client was to be connected without a verified session.');
  return {
    homeserverUrl,
    userId: session.userId,
    deviceId: session.deviceId,
    accessToken: session.accessToken,
    signIn: runtime.signedIn?.generation,
    fetch,
    position: {
      open() {
        unsettled();
        return keeper.position.open();
      },
      begin: (position) => keeper.position.begin(position),
      // A store that is away costs a repetition after a crash, which is better than to stand still.
      save: (position, all) => keeper.position.save(position, all ? settled() : undefined),
      close: () => keeper.position.close(),
    },
    onProgress,
    onMessage,
    onDied,
    onTrouble,
  };
}
