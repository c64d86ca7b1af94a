import type { QueuedMessage, SessionStore } from '../../ports/index.ts';
import { type Encrypt, encryptedIfNeeded, onTheWire } from './encryption.ts';
import { MessageExpiredError, MessageRefusedError, OutboxFullError, type MessageOutcome } from './outcome.ts';
import type { OutboxLimits, SendOptions, Sent } from './options.ts';
import { newMessage } from './new-message.ts';
import { OutboxWriter } from './outbox-writer.ts';
import type { Pauses } from './pauses.ts';
import { type Entry, Queues } from './queues.ts';
import type { RoomRequestsOptions, TryAgain } from './room-requests.ts';
import { SentIds } from './sent-ids.ts';

export interface OutboxOptions extends RoomRequestsOptions {
  readonly store: SessionStore;
  /** The name of the session in the store. */
  readonly name: string;
  readonly limits: OutboxLimits;
  /** The user that is signed in. */
  readonly userId: () => string | undefined;
  readonly encrypt: Encrypt;
  /** Whether requests may be sent now. */
  readonly isOpen: () => boolean;
  /** What a message gets that waits when the session is stopped. */
  readonly closedError: () => Error;
  readonly onOutcome: (message: QueuedMessage, outcome: MessageOutcome) => void;
}

/** After a store was away, in ms. */
const LOAD_AGAIN_MS = 10_000;

const BACKOFF_MIN_MS = 500;
const BACKOFF_MAX_MS = 30_000;
/** How long `stop()` waits for those that are on their way. */
const STOP_LIMIT_MS = 1_000;

/**
 * Sends messages, each once and those of a room in order, when there is a session and a network to send them with. What is
 * not sent yet lies in the session store, if that lasts.
 */
export class Outbox {
  readonly sentIds = new SentIds();
  readonly #options: OutboxOptions;
  readonly #writer: OutboxWriter;
  /** Many sessions never send anything. */
  #queues: Queues | undefined;
  #loading: Promise<void> | undefined;
  /** Nothing is sent before this, by a monotonic clock: the homeserver limits the rate. */
  #limitedUntil = 0;
  #delivered = 0;
  #stopping = false;
  #resumes = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#writer = new OutboxWriter(options.store, options.name, this.sentIds);
  }

  /** How many messages this process has delivered. */
  get delivered(): number {
    return this.#delivered;
  }

  /** How many messages wait. */
  get length(): number {
    return this.#queues?.byId.size ?? 0;
  }

  get #entries(): Entry[] {
    return [...(this.#queues?.byId.values() ?? [])];
  }

  /** When the oldest of them was queued. */
  get oldestAt(): number | undefined {
    const times = this.#entries.map(({ message }) => message.at);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** From now on what an earlier process has left is taken up, once there is a session. */
  resume(): void {
    this.#resumes = true;
    this.wake();
  }

  /**
   * Queues a message. Resolves when the homeserver has it. What becomes of one that was queued is told by `onOutcome`, too:
   * nobody has to wait for the promise. That one was not queued is told by nothing else.
   * @throws {TypeError} if it could never be sent; {@link MessageRefusedError}; {@link MessageExpiredError};
   *   {@link OutboxFullError}; the closed session's error
   */
  send(roomId: string, content: Readonly<Record<string, unknown>>, options: SendOptions = {}): Promise<Sent> {
    const queued = this.#queueNew(roomId, content, options);
    const sent = queued.then(({ promise }) => promise);
    queued.then(
      () => sent.catch(() => undefined),
      () => undefined,
    );
    return sent;
  }

  /** There is a session again, or there is none any more. */
  wake(): void {
    if (this.#resumes && !this.#stopping && this.#options.isOpen()) void this.#loaded();
    this.#queues?.pauses.end();
  }

  /** The homeserver may have forgotten what was sent so far: there is another device, or the same after a login. */
  doubt(): void {
    for (const entry of this.#entries) entry.doubtful ||= entry.tried;
  }

  /** What is queued, here and in the store, is not to be sent. */
  forget(why: string): void {
    this.#writer.forget();
    for (const entry of this.#entries) this.#settle(entry, { outcome: 'refused', why }, false);
  }

  /** Sends nothing more. What is not sent stays in the store. Returns how many that are. */
  async stop(): Promise<number> {
    const idle = this.#queues && Promise.allSettled(this.#queues.workers);
    this.#stopping = true;
    this.wake();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, STOP_LIMIT_MS);
    });
    await Promise.race([idle, late]);
    clearTimeout(timer);
    this.#queues?.end.abort(this.#options.closedError());
    for (const { sent } of this.#entries) sent.reject(this.#options.closedError());
    await this.#writer.flush();
    return this.length;
  }

  /** Resolves when it is known what is stored, or the store is away: then it is asked again after a while. */
  #loaded(): Promise<void> {
    this.#loading ??= this.#load().catch(() => {
      this.#loading = undefined;
      setTimeout(() => this.wake(), LOAD_AGAIN_MS).unref();
    });
    return this.#loading;
  }

  async #load(): Promise<void> {
    const { messages, sent } = await this.#writer.load();
    for (const { id, eventId } of sent) this.sentIds.add(id, eventId);
    for (const message of messages) {
      if (this.#queues?.byId.has(message.id) !== true)
        this.#queue(message, Promise.resolve(), { doubtful: true, named: true });
    }
  }

  /** Resolves when the message is queued, or was before. */
  async #queueNew(
    roomId: string,
    content: Readonly<Record<string, unknown>>,
    options: SendOptions,
  ): Promise<{ readonly promise: Promise<Sent> }> {
    const { maxMessages, maxAgeMs } = this.#options.limits;
    if (this.#stopping) throw this.#options.closedError();
    const message = newMessage(roomId, content, { maxAgeMs, ...options });
    const { id } = message;
    await this.#loaded();
    const same = this.#queues?.byId.get(id);
    if (same !== undefined) return same.sent;
    const eventId = this.sentIds.get(id);
    if (eventId !== undefined) return { promise: Promise.resolve({ id, eventId }) };
    if (this.#stopping) throw this.#options.closedError();
    if (this.length >= maxMessages) throw new OutboxFullError(maxMessages);
    const userId = this.#options.userId();
    const owned = { ...message, ...(userId === undefined ? {} : { userId }) };
    const named = options.id !== undefined;
    return this.#queue(owned, this.#writer.add(owned), { doubtful: false, named }).sent;
  }

  #queue(
    message: QueuedMessage,
    stored: Promise<void>,
    { doubtful, named }: { readonly doubtful: boolean; readonly named: boolean },
  ): Entry {
    const sent = Promise.withResolvers<Sent>();
    // Whoever does not wait for it is told by the event.
    sent.promise.catch(() => undefined);
    const entry: Entry = { message, sent, stored, named, tried: doubtful, doubtful };
    this.#queues ??= new Queues(this.#options);
    const { rooms, byId, workers } = this.#queues;
    byId.set(message.id, entry);
    const queue = rooms.get(message.roomId);
    if (queue !== undefined) queue.push(entry);
    else {
      rooms.set(message.roomId, [entry]);
      const work: Promise<void> = this.#work(message.roomId, this.#queues).finally(() =>
        workers.delete(work),
      );
      workers.add(work);
    }
    return entry;
  }

  /** Sends what is queued for a room, one after the other. */
  async #work(roomId: string, queues: Queues): Promise<void> {
    const queue = queues.rooms.get(roomId) as Entry[];
    for (let entry = queue[0]; entry !== undefined && !this.#stopping; entry = queue[0]) {
      await entry.stored;
      const outcome = await this.#deliver(entry, queues);
      if (outcome === undefined) return;
      this.#settle(entry, outcome);
    }
    if (queue.length === 0) queues.rooms.delete(roomId);
  }

  /** What has become of it; `undefined` if it is left for a later process. */
  async #deliver(entry: Entry, queues: Queues): Promise<MessageOutcome | undefined> {
    const { message } = entry;
    const { byId, slots, pauses } = queues;
    for (let backoffMs = BACKOFF_MIN_MS; ; backoffMs = Math.min(backoffMs * 2, BACKOFF_MAX_MS)) {
      if (!(await this.#mayBeSent(message, pauses))) return undefined;
      // It may have been given up while it waited.
      if (!byId.has(message.id)) return { outcome: 'expired', maybeSent: entry.tried };
      if (Date.now() >= message.expiresAt) return { outcome: 'expired', maybeSent: entry.tried };
      const result = await slots.use(() => this.#attempt(entry, queues)).catch((): TryAgain => noAnswer);
      if (result.outcome !== 'try-again') return result;
      const until = performance.now() + result.waitMs;
      if (result.limited) this.#limitedUntil = Math.max(this.#limitedUntil, until);
      await pauses.until(message.expiresAt, Math.max(backoffMs, result.waitMs));
    }
  }

  /** Resolves when the message may be tried, or has expired; with `false` if nothing is sent any more. */
  async #mayBeSent({ expiresAt }: QueuedMessage, pauses: Pauses): Promise<boolean> {
    for (;;) {
      if (this.#stopping) return false;
      const limitedMs = this.#limitedUntil - performance.now();
      if (Date.now() >= expiresAt) return true;
      if (this.#options.isOpen() && limitedMs <= 0) return true;
      await pauses.until(expiresAt, this.#options.isOpen() ? limitedMs : undefined);
    }
  }

  async #attempt(entry: Entry, { requests, end }: Queues): Promise<MessageOutcome | TryAgain> {
    const { message } = entry;
    const { signal } = end;
    const userId = this.#options.userId();
    if (message.userId !== undefined && message.userId !== userId)
      return {
        outcome: 'refused',
        why: `it is a message of ${message.userId}, and the session is that of ${userId}`,
      };
    if (entry.doubtful) {
      const known = this.sentIds.events;
      const found = await requests.findSent(onTheWire(message), userId ?? '', known, signal);
      if (typeof found === 'string') return { outcome: 'delivered', eventId: found };
      if (found !== undefined) return found;
      entry.doubtful = false;
    }
    const ready = await encryptedIfNeeded(message, {
      requests,
      encrypt: (...given) => this.#options.encrypt(...given),
      signal,
    });
    if ('outcome' in ready) return ready;
    if (ready !== message) {
      entry.message = ready;
      await this.#writer.add(ready);
    }
    entry.tried = true;
    return requests.send(onTheWire(ready), signal);
  }

  #settle(entry: Entry, outcome: MessageOutcome, stored = true): void {
    const { message, sent, named } = entry;
    const { id, roomId } = message;
    if (this.#queues?.byId.get(id) !== entry) return;
    this.#queues.byId.delete(id);
    const queue = this.#queues.rooms.get(roomId);
    queue?.splice(queue.indexOf(entry), 1);
    if (outcome.outcome === 'delivered') {
      this.sentIds.add(id, outcome.eventId);
      this.#delivered += 1;
    }
    const kept = outcome.outcome === 'delivered' && named ? outcome.eventId : undefined;
    if (stored) this.#writer.remove(id, kept);
    if (outcome.outcome === 'delivered') sent.resolve({ id, eventId: outcome.eventId });
    else if (outcome.outcome === 'refused') sent.reject(new MessageRefusedError(id, outcome));
    else sent.reject(new MessageExpiredError(id, outcome));
    this.#options.onOutcome(message, outcome);
  }
}

const noAnswer: TryAgain = { outcome: 'try-again', waitMs: 0, limited: false };
