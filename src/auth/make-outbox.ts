import {
  type MessageOutcome,
  Outbox,
  type OutboxLimits,
  type OutboxOptions,
} from '../adapters/outbox/index.ts';
import { readRejection } from '../adapters/homeserver/index.ts';
import type { SessionKeeper } from '../adapters/sessions/index.ts';
import type { ClientPort, QueuedMessage, SessionStore } from '../ports/index.ts';
import type { Listeners } from './listeners.ts';
import type { MatrixAuthOptions } from './options.ts';
import type { SessionActor } from './session-actor.ts';
import type { SessionRequests } from './session-requests.ts';
import type { SessionRuntime } from './session-runtime.ts';
import type { Voice } from './voice/voice.ts';

interface OutboxContext {
  readonly store: SessionStore;
  readonly sessionName: string;
  readonly actor: SessionActor;
  readonly keeper: SessionKeeper;
  readonly runtime: SessionRuntime;
  readonly client: ClientPort<unknown> | undefined;
  readonly requests: SessionRequests;
  readonly listeners: Listeners;
  readonly voice: Voice;
}

const defaultLimits: OutboxLimits = { maxMessages: 1_000, maxAgeMs: 3_600_000 };

/** The queue of messages that are to be sent, as the options want it. */
export function makeOutbox(
  { outgoing }: Pick<MatrixAuthOptions<never>, 'outgoing'>,
  context: OutboxContext,
): Outbox {
  const limits = outgoing === undefined ? defaultLimits : { ...defaultLimits, ...outgoing };
  return new Outbox(new OutboxSide(limits, context));
}

/** What the queue asks of its session. */
class OutboxSide implements OutboxOptions {
  readonly limits: OutboxLimits;
  readonly #context: OutboxContext;
  readonly readRejection = readRejection;

  constructor(limits: OutboxLimits, context: OutboxContext) {
    this.limits = limits;
    this.#context = context;
  }

  get store(): SessionStore {
    return this.#context.store;
  }

  get name(): string {
    return this.#context.sessionName;
  }

  get fetch(): typeof globalThis.fetch {
    return this.#context.requests.fetch;
  }

  homeserverUrl(): string | undefined {
    return this.#context.runtime.homeserverUrl;
  }

  userId(): string | undefined {
    return this.#context.keeper.current?.userId;
  }

  isOpen(): boolean {
    return this.#context.actor.gateState('live') === 'open';
  }

  async encrypt(roomId: string, type: string, content: Readonly<Record<string, unknown>>) {
    return this.#context.client?.encrypt?.(roomId, type, content);
  }

  closedError(): Error {
    return this.#context.actor.closedError();
  }

  onOutcome(message: QueuedMessage, outcome: MessageOutcome): void {
    const { listeners, voice } = this.#context;
    const { id, roomId } = message;
    if (listeners.has('outgoing')) listeners.emit('outgoing', { type: 'outgoing', id, roomId, ...outcome });
    else if (outcome.outcome !== 'delivered') voice.messageNotSent(message, outcome);
  }
}
