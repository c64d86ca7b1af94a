import { Outbox, type MessageOutcome } from '../adapters/outbox/index.ts';
import { readRejection } from '../adapters/homeserver/index.ts';
import type { SessionKeeper } from '../adapters/sessions/index.ts';
import type { ClientPort, QueuedMessage, SessionStore } from '../ports/index.ts';
import type { Listeners } from './listeners.ts';
import type { MatrixAuthOptions } from './options.ts';
import type { SessionActor } from './session-actor.ts';
import type { SessionRuntime } from './session-runtime.ts';

interface OutboxContext {
  readonly store: SessionStore;
  readonly name: string;
  readonly actor: SessionActor;
  readonly keeper: SessionKeeper;
  readonly runtime: SessionRuntime;
  readonly client: ClientPort<unknown> | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly listeners: Listeners;
  /** Nobody listens for what becomes of a message that was not sent. */
  readonly onUnheard: (
    message: QueuedMessage,
    outcome: Exclude<MessageOutcome, { outcome: 'delivered' }>,
  ) => void;
}

/** The queue of messages that are to be sent, as the options want it, awake to what happens to the session. */
export function makeOutbox(
  { outgoing = {} }: Pick<MatrixAuthOptions<never>, 'outgoing'>,
  { actor, keeper, runtime, client, listeners, onUnheard, ...context }: OutboxContext,
): Outbox {
  const isOpen = () => actor.gateState('live') === 'open';
  const outbox = new Outbox({
    ...context,
    readRejection,
    limits: { maxMessages: 1_000, maxAgeMs: 3_600_000, ...outgoing },
    homeserverUrl: () => runtime.homeserverUrl,
    userId: () => keeper.current?.userId,
    isOpen,
    encrypt: async (roomId, type, content) => client?.encrypt?.(roomId, type, content),
    closedError: () => actor.closedError(),
    onOutcome: (message, outcome) => {
      const { id, roomId } = message;
      if (listeners.has('outgoing')) listeners.emit('outgoing', { type: 'outgoing', id, roomId, ...outcome });
      else if (outcome.outcome !== 'delivered') onUnheard(message, outcome);
    },
  });
  let wasOpen = false;
  actor.onChange(() => {
    const open = isOpen();
    // What waits for something else, such as the homeserver, goes on to wait.
    if (open && !wasOpen) outbox.wake();
    wasOpen = open;
  });
  for (const type of ['logged-in', 'device-changed'] as const) actor.ref.on(type, () => outbox.doubt());
  actor.onState(({ reason }) => {
    if (reason === 'logged-out') outbox.forget('the session was logged out');
  });
  return outbox;
}
